#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "devnode/document.hpp"
#include "devnode/query_terms.hpp"

namespace miroir::devnode {

struct MatchBounds {
    std::size_t start = 0;
    std::size_t length = 0;
};

struct FormatOptions {
    bool highlight = false;
    std::optional<std::size_t> crop;
};

struct Markers {
    std::string pre_tag;
    std::string post_tag;
    std::string crop;
};

// Finds the words of a query in a text, to show them.
class TextMatcher {
public:
    TextMatcher(const QueryTerms& query, const TokenRules& rules) : query_(query), rules_(rules) {}

    std::vector<MatchBounds> matches(std::string_view text) const;
    std::string format(std::string_view text, const FormatOptions& options, const Markers& markers) const;

private:
    struct Match;
    struct Window;
    std::vector<Match> find(const std::vector<Token>& tokens, std::string_view text) const;
    std::optional<Match> match_phrase(const std::vector<Token>& tokens, std::size_t at,
                                      std::size_t word) const;
    std::optional<Match> match_word(const Token& token, std::string_view text) const;
    static std::pair<std::size_t, std::size_t> best_interval(const std::vector<Match>& matches,
                                                             std::size_t size);
    static Window crop_window(const std::vector<Token>& tokens, const std::vector<Match>& matches,
                              std::size_t size, std::size_t text_bytes);

    const QueryTerms& query_;
    const TokenRules& rules_;
};

// The paths of a document that are shown; empty optional: everything.
using Selection = std::optional<std::vector<std::string>>;

bool selects_all(const std::vector<std::string>& names);
// What both select.
Selection intersect(const Selection& displayed, const Selection& wanted);
JsonValue select(const JsonValue& document, const Selection& selection);

// Format options by path.
using FormatPlan = std::map<std::string, FormatOptions>;

// The document with its texts formatted, and numbers as texts.
JsonValue format_document(const JsonValue& document, const FormatPlan& plan, const Selection& shown,
                          const TextMatcher& matcher, const Markers& markers);

// `_matchesPosition` as JSON.
std::string matches_position(const JsonValue& document, const TextMatcher& matcher);

}  // namespace miroir::devnode
