#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "miroir/meili/markers.hpp"
#include "miroir/meili/search_query.hpp"
#include "miroir/scatter/merge_search.hpp"
#include "miroir/scatter/search_plan.hpp"

namespace miroir::scatter {

// Node answers with the padding that bodies have behind their end.
class Answers {
public:
    Answers& add(const std::string& node, std::string body, std::uint64_t asked = 0) {
        auto& kept = bodies_.emplace_back(std::move(body));
        const auto size = kept.size();
        kept.append(64, '\0');
        list_.push_back({NodeId(node), std::string_view(kept).substr(0, size), asked});
        return *this;
    }
    const std::vector<NodeAnswerBody>& list() const { return list_; }

private:
    std::deque<std::string> bodies_;
    std::vector<NodeAnswerBody> list_;
};

inline SearchContext context_of(const std::string& settings_json) {
    SearchContext context;
    context.index = LogicalIndexUid("books");
    context.settings = std::make_shared<ClientSettings>(client_settings(settings_json));
    return context;
}

inline Result<NodeSearch> planned(const std::string& query_json, const std::string& settings_json = "{}") {
    auto query = meili::parse_search(query_json);
    if (!query) {
        return query.error();
    }
    return node_search(std::move(query).value(), context_of(settings_json));
}

inline NodeSearch a_search(const std::string& query_json, const std::string& settings_json = "{}") {
    auto search = planned(query_json, settings_json);
    EXPECT_TRUE(search) << (search ? "" : search.error().message);
    return search ? std::move(search).value() : NodeSearch{};
}

inline std::string version(std::uint32_t position) {
    return meili::version_marker({0, position});
}

inline std::string markers(std::uint32_t position) {
    return R"("_miroir_shard":")" + meili::shard_marker(3) + R"(","_miroir_version":")" + version(position) +
           "\"";
}

// A hit as a node gives it: `members` of the document, then the markers, then what the engine adds.
inline std::string a_hit(const std::string& members, std::uint32_t position,
                         const std::string& details = "{}", const std::string& added = "") {
    return "{" + members + (members.empty() ? "" : ",") + markers(position) + added +
           R"(,"_rankingScore":1.0,"_rankingScoreDetails":)" + details + "}";
}

inline std::string an_answer(const std::vector<std::string>& hits, std::uint64_t total,
                             const std::string& more = "") {
    std::string list;
    for (const auto& hit : hits) {
        list += (list.empty() ? "" : ",") + hit;
    }
    return R"({"hits":[)" + list +
           R"(],"query":"","processingTimeMs":1,"limit":20,"offset":0,"estimatedTotalHits":)" +
           std::to_string(total) + more + R"(,"requestUid":"x"})";
}

inline const AnswerFacts test_facts{"uid", 7, {}};

inline std::string merged(const NodeSearch& search, const Answers& answers) {
    auto result = merge_search(search, answers.list(), test_facts);
    EXPECT_TRUE(result) << (result ? "" : result.error().detail);
    return result ? std::move(result).value().body : std::string();
}

// The `hits` array of an answer.
inline std::string hits_of(const std::string& answer) {
    const auto end = answer.find("],\"query\"");
    return end == std::string::npos ? answer : answer.substr(8, end - 7);
}

}  // namespace miroir::scatter
