#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace miroir::bench {

struct CannedOptions {
    // This node's place among the nodes that share the documents.
    std::uint32_t node = 0;
    std::uint32_t nodes = 3;
    std::uint32_t hits = 20;
    // Details of every default ranking rule, as for a search with a word, or of two rules.
    bool all_rules = false;
};

// The body of a Meilisearch node's answer to a search with showRankingScoreDetails. Hits of several nodes
// interleave.
std::string search_body(const CannedOptions& options);

// Answers like a Meilisearch node that holds nothing and applies every task at once.
class CannedAnswers {
public:
    explicit CannedAnswers(const CannedOptions& options);

    // A whole HTTP answer; valid until the next call. `body` is cut when it is long.
    const std::string& answer(std::string_view method, std::string_view target, std::string_view body);

private:
    struct Task {
        std::string type;
        std::string index;
    };

    std::string accept(std::string type, std::string_view index);
    std::string tasks_page(std::string_view query) const;
    std::string task_json(std::size_t uid) const;
    std::string index_json(const std::string& uid) const;
    std::string route(std::string_view method, std::string_view path, std::string_view query,
                      std::string_view body, int& status);
    std::string route_index(std::string_view method, std::string_view uid, std::string_view rest,
                            int& status);

    std::string search_answer_;
    std::string answer_;
    std::vector<Task> tasks_;
    std::vector<std::string> indexes_;
};

}  // namespace miroir::bench
