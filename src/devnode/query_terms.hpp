#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "devnode/text.hpp"

namespace miroir::devnode {

// Words that follow each other; an empty one stands for any stop word.
using Phrase = std::vector<std::optional<std::string>>;

// One thing to look for: a word, or a quoted phrase.
struct QueryTerm {
    // Folded; empty for a phrase.
    std::string word;
    Phrase phrase;
    bool prefix = false;
    int typos_max = 0;
    // Places in the query, counted as in documents.
    std::uint32_t first_position = 0;
    std::uint32_t last_position = 0;
    std::vector<Phrase> synonyms;

    bool is_phrase() const { return word.empty(); }
};

struct QueryTerms {
    std::vector<QueryTerm> terms;
    std::set<std::string> negative_words;
    std::vector<Phrase> negative_phrases;

    // Nothing to look for: every document matches.
    bool placeholder() const { return terms.empty(); }
};

// The settings that decide how a query is read.
struct QueryRules {
    TokenRules tokens;
    bool typos = true;
    int one_typo_length_min = 5;
    int two_typos_length_min = 9;
    // Folded words that must be spelled right.
    std::set<std::string, std::less<>> exact_words;
    bool typos_in_numbers = true;
    bool prefix_search = true;
    // Folded word to what else may stand for it.
    std::map<std::string, std::vector<Phrase>, std::less<>> synonyms;
};

// Words behind the tenth are ignored.
QueryTerms parse_query(std::string_view text, const QueryRules& rules);

// A phrase of the words of `text`.
Phrase phrase_of(std::string_view text, const TokenRules& rules);

}  // namespace miroir::devnode
