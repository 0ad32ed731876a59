#include "devnode/matching.hpp"

#include <algorithm>

#include "devnode/edit_distance.hpp"

namespace miroir::devnode {

namespace {

// The last position of the phrase that starts with the word at `start`; empty when it is not there.
std::optional<std::uint16_t> phrase_end(const std::vector<std::optional<WordNumber>>& phrase,
                                        const FieldWords& field, std::size_t start) {
    if (start + phrase.size() > field.words.size()) {
        return std::nullopt;
    }
    const auto first = field.words[start].position;
    for (std::size_t i = 0; i < phrase.size(); ++i) {
        const auto& word = field.words[start + i];
        if (word.position != first + i || (phrase[i] && *phrase[i] != word.word)) {
            return std::nullopt;
        }
    }
    return field.words[start + phrase.size() - 1].position;
}

bool has_phrase(const std::vector<std::optional<WordNumber>>& phrase, const FieldWords& field) {
    for (std::size_t start = 0; start < field.words.size(); ++start) {
        if (phrase_end(phrase, field, start)) {
            return true;
        }
    }
    return false;
}

}  // namespace

Matcher::Matcher(const QueryTerms& query, const Dictionary& dictionary, const std::vector<WordNumber>& live,
                 bool all_terms, std::optional<std::set<FieldNumber>> fields)
    : query_(query),
      dictionary_(dictionary),
      all_terms_(all_terms),
      fields_(std::move(fields)),
      meaningful_(dictionary.size(), false) {
    for (std::uint16_t term = 0; term < query_.terms.size(); ++term) {
        const auto& wanted = query_.terms[term];
        if (wanted.is_phrase()) {
            mandatory_phrase_ = true;
            add_phrase(term, wanted.phrase, true);
            continue;
        }
        derive(term, live);
        for (const auto& synonym : wanted.synonyms) {
            add_phrase(term, synonym, false);
        }
    }
    for (const auto& word : query_.negative_words) {
        if (const auto number = dictionary_.find(word)) {
            negative_words_.insert(*number);
            meaningful_[*number] = true;
        }
    }
    for (const auto& phrase : query_.negative_phrases) {
        if (auto words = known(phrase)) {
            negative_phrases_.push_back(std::move(*words));
        }
    }
    collect_required();
}

void Matcher::derive(std::uint16_t term, const std::vector<WordNumber>& live) {
    const auto& wanted = query_.terms[term];
    const auto characters = code_points(wanted.word);
    for (const auto word : live) {
        const auto typos =
            typos_between(characters, dictionary_.characters(word), wanted.typos_max, wanted.prefix);
        if (!typos) {
            continue;
        }
        const bool exact = *typos == 0 && dictionary_.text(word) == wanted.word;
        meanings_[word].push_back({term, static_cast<std::uint8_t>(*typos), exact});
        meaningful_[word] = true;
    }
}

std::optional<std::vector<std::optional<WordNumber>>> Matcher::known(const Phrase& phrase) const {
    std::vector<std::optional<WordNumber>> out;
    for (const auto& word : phrase) {
        const auto number = word ? dictionary_.find(*word) : std::nullopt;
        if (word && !number) {
            return std::nullopt;
        }
        out.push_back(number);
    }
    return out;
}

void Matcher::add_phrase(std::uint16_t term, const Phrase& phrase, bool exact) {
    if (auto words = known(phrase); words && !words->empty()) {
        phrases_.push_back({term, exact, std::move(*words)});
    }
}

bool Matcher::excluded(const Document& document) const {
    if (negative_words_.empty() && negative_phrases_.empty()) {
        return false;
    }
    return std::any_of(document.fields.begin(), document.fields.end(), [&](const FieldWords& field) {
        const bool word = std::any_of(field.words.begin(), field.words.end(), [&](const WordAt& at) {
            return meaningful_[at.word] && negative_words_.count(at.word) != 0;
        });
        return word || std::any_of(negative_phrases_.begin(), negative_phrases_.end(),
                                   [&](const auto& phrase) { return has_phrase(phrase, field); });
    });
}

void Matcher::find_phrase(const KnownPhrase& phrase, const Document& document, DocumentMatch& out) const {
    for (std::uint16_t f = 0; f < document.fields.size(); ++f) {
        const auto& field = document.fields[f];
        for (std::size_t start = 0; searched(field) && start < field.words.size(); ++start) {
            if (const auto last = phrase_end(phrase.words, field, start)) {
                out.occurrences[phrase.term].push_back(
                    {f, field.words[start].position, *last, 0, phrase.exact});
            }
        }
    }
}

bool Matcher::match(const Document& document, DocumentMatch& out) const {
    for (auto* places : {&out.occurrences, &out.elsewhere}) {
        places->resize(query_.terms.size());
        std::for_each(places->begin(), places->end(), [](auto& found) { found.clear(); });
    }
    if (excluded(document)) {
        return false;
    }
    if (query_.placeholder()) {
        return keep_terms(out);
    }
    for (std::uint16_t f = 0; f < document.fields.size(); ++f) {
        const auto& field = document.fields[f];
        auto& found_here = searched(field) ? out.occurrences : out.elsewhere;
        for (const auto& at : field.words) {
            if (!meaningful_[at.word]) {
                continue;
            }
            const auto found = meanings_.find(at.word);
            if (found == meanings_.end()) {
                continue;
            }
            for (const auto& meaning : found->second) {
                if (meaning.typos == 0 || !field.exact_only) {
                    found_here[meaning.term].push_back(
                        {f, at.position, at.position, meaning.typos, meaning.exact});
                }
            }
        }
    }
    for (const auto& phrase : phrases_) {
        find_phrase(phrase, document, out);
    }
    return keep_terms(out);
}

bool Matcher::keep_terms(DocumentMatch& out) const {
    const std::size_t count = query_.terms.size();
    out.kept.assign(count, false);
    out.kept_count = 0;
    bool dropping = false;
    for (std::size_t term = 0; term < count; ++term) {
        const bool found = !out.occurrences[term].empty();
        const bool mandatory = all_terms_ || query_.terms[term].is_phrase();
        if (mandatory && !found) {
            return false;
        }
        dropping = dropping || (!mandatory && !found);
        const bool keep = mandatory || !dropping;
        out.kept[term] = keep;
        out.kept_count += keep ? 1 : 0;
        if (!keep) {
            out.occurrences[term].clear();
        }
    }
    return out.kept_count > 0 || count == 0;
}

void Matcher::collect_required() {
    std::set<WordNumber> words;
    const auto first_mandatory = [&](std::uint16_t term) {
        return mandatory_phrase_ ? query_.terms[term].is_phrase() : term == 0;
    };
    for (const auto& [word, meanings] : meanings_) {
        if (std::any_of(meanings.begin(), meanings.end(),
                        [&](const Meaning& m) { return first_mandatory(m.term); })) {
            words.insert(word);
        }
    }
    for (const auto& phrase : phrases_) {
        const auto known_word = std::find_if(phrase.words.begin(), phrase.words.end(),
                                             [](const auto& word) { return word.has_value(); });
        if (first_mandatory(phrase.term) && known_word != phrase.words.end()) {
            words.insert(**known_word);
        }
    }
    required_.assign(words.begin(), words.end());
}

}  // namespace miroir::devnode
