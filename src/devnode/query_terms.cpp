#include "devnode/query_terms.hpp"

#include <algorithm>

#include "miroir/meili/utf8.hpp"

namespace miroir::devnode {

namespace {

constexpr std::size_t terms_max = 10;

bool is_number(std::string_view word) {
    return std::all_of(word.begin(), word.end(), [](char c) { return c >= '0' && c <= '9'; });
}

int typos_allowed(const std::string& word, const QueryRules& rules) {
    const auto length = static_cast<int>(meili::count_characters(word));
    if (!rules.typos || length < rules.one_typo_length_min || rules.exact_words.count(word) ||
        (!rules.typos_in_numbers && is_number(word))) {
        return 0;
    }
    return length < rules.two_typos_length_min ? 1 : 2;
}

struct OpenPhrase {
    Phrase words;
    std::uint32_t first = 0;
    std::uint32_t last = 0;
    bool meaningful() const {
        return std::any_of(words.begin(), words.end(), [](const auto& word) { return word.has_value(); });
    }
};

// Reads the tokens of a query from left to right.
class QueryReader {
public:
    explicit QueryReader(const QueryRules& rules) : rules_(rules) {}

    QueryTerms read(std::string_view text) {
        const auto tokens = tokenize(text, rules_.tokens);
        for (std::size_t i = 0; i < tokens.size() && out_.terms.size() < terms_max; ++i) {
            const auto& token = tokens[i];
            if (token.is_word()) {
                word(token, i + 1 == tokens.size());
            } else {
                separator(token);
            }
            after_blank_ = !token.is_word() && (token.lemma.back() == ' ' || token.lemma.back() == '\t' ||
                                                token.lemma.back() == '\n');
        }
        if (out_.terms.size() < terms_max) {
            close_phrase();
        }
        return std::move(out_);
    }

private:
    void word(const Token& token, bool last) {
        position_ = started_ ? position_ + 1 : position_;
        started_ = true;
        if (phrase_) {
            if (!phrase_->meaningful()) {
                phrase_->first = position_;
            }
            phrase_->last = position_;
            const bool stop = token.kind == TokenKind::stop_word;
            phrase_->words.push_back(stop ? std::optional<std::string>{} : std::optional(token.lemma));
        } else if (negative_) {
            out_.negative_words.insert(token.lemma);
            negative_ = false;
        } else if (last || token.kind == TokenKind::word) {
            add_word(token.lemma, last);
        }
    }

    void add_word(const std::string& word, bool last) {
        if (word.empty() || word.size() > word_bytes_max) {
            return;
        }
        QueryTerm term;
        term.word = word;
        term.prefix = last && rules_.prefix_search;
        term.typos_max = typos_allowed(word, rules_);
        term.first_position = term.last_position = position_;
        if (const auto found = rules_.synonyms.find(word); found != rules_.synonyms.end()) {
            term.synonyms = found->second;
        }
        out_.terms.push_back(std::move(term));
    }

    void separator(const Token& token) {
        if (token.kind == TokenKind::hard_separator) {
            position_ += 7;
            if (phrase_) {
                const bool negative = phrase_negative_;
                close_phrase();
                open_phrase(negative);
            }
        }
        if (token.lemma == "\"") {
            if (phrase_) {
                close_phrase();
            } else {
                open_phrase(negative_);
            }
        }
        negative_ = !phrase_ && token.lemma == "-" && after_blank_;
    }

    void open_phrase(bool negative) {
        phrase_.emplace();
        phrase_negative_ = negative;
    }

    void close_phrase() {
        if (phrase_ && phrase_->meaningful()) {
            if (phrase_negative_) {
                out_.negative_phrases.push_back(std::move(phrase_->words));
            } else {
                QueryTerm term;
                term.phrase = std::move(phrase_->words);
                term.first_position = phrase_->first;
                term.last_position = phrase_->last;
                out_.terms.push_back(std::move(term));
            }
        }
        phrase_.reset();
        phrase_negative_ = false;
    }

    const QueryRules& rules_;
    QueryTerms out_;
    std::optional<OpenPhrase> phrase_;
    bool phrase_negative_ = false;
    bool negative_ = false;
    bool after_blank_ = true;
    bool started_ = false;
    std::uint32_t position_ = 0;
};

}  // namespace

QueryTerms parse_query(std::string_view text, const QueryRules& rules) {
    return QueryReader(rules).read(text);
}

Phrase phrase_of(std::string_view text, const TokenRules& rules) {
    Phrase out;
    for (auto& token : tokenize(text, rules)) {
        if (token.is_word()) {
            out.emplace_back(std::move(token.lemma));
        }
    }
    return out;
}

}  // namespace miroir::devnode
