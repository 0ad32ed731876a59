#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "devnode/document.hpp"
#include "devnode/query_terms.hpp"

namespace miroir::devnode {

// A place in a document where a query term is found.
struct Occurrence {
    std::uint16_t field = 0;
    std::uint16_t first = 0;
    std::uint16_t last = 0;
    std::uint8_t typos = 0;
    // The query's very word or phrase, not a derivation.
    bool exact = false;
};

// Where the terms of a query are found in one document.
struct DocumentMatch {
    // Per term; empty for a term that was dropped.
    std::vector<std::vector<Occurrence>> occurrences;
    // The same in fields that are not searched: only positions look at them.
    std::vector<std::vector<Occurrence>> elsewhere;
    // Per term: counted in the ranking.
    std::vector<bool> kept;
    std::uint32_t kept_count = 0;
};

// Words that stand for the terms of one query, in one dictionary.
class Matcher {
public:
    // `live` are the words that documents have now. `fields` restricts the search to those fields;
    // empty means all.
    Matcher(const QueryTerms& query, const Dictionary& dictionary, const std::vector<WordNumber>& live,
            bool all_terms, std::optional<std::set<FieldNumber>> fields);

    // Fills `out`; false when the document does not match.
    bool match(const Document& document, DocumentMatch& out) const;

    // The words of which every matching document has at least one; empty when unknown.
    const std::vector<WordNumber>& required_words() const { return required_; }

private:
    struct Meaning {
        std::uint16_t term = 0;
        std::uint8_t typos = 0;
        bool exact = false;
    };
    struct KnownPhrase {
        std::uint16_t term = 0;
        bool exact = false;
        std::vector<std::optional<WordNumber>> words;
    };

    void derive(std::uint16_t term, const std::vector<WordNumber>& live);
    void add_phrase(std::uint16_t term, const Phrase& phrase, bool exact);
    std::optional<std::vector<std::optional<WordNumber>>> known(const Phrase& phrase) const;
    bool excluded(const Document& document) const;
    void find_phrase(const KnownPhrase& phrase, const Document& document, DocumentMatch& out) const;
    bool keep_terms(DocumentMatch& out) const;
    bool searched(const FieldWords& field) const { return !fields_ || fields_->count(field.field) != 0; }
    void collect_required();

    const QueryTerms& query_;
    const Dictionary& dictionary_;
    bool all_terms_;
    std::optional<std::set<FieldNumber>> fields_;
    bool mandatory_phrase_ = false;
    std::vector<bool> meaningful_;  // by word: cheap refusal before the look-up
    std::unordered_map<WordNumber, std::vector<Meaning>> meanings_;
    std::vector<KnownPhrase> phrases_;
    std::set<WordNumber> negative_words_;
    std::vector<std::vector<std::optional<WordNumber>>> negative_phrases_;
    std::vector<WordNumber> required_;
};

}  // namespace miroir::devnode
