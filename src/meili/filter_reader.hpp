#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "filter_fault.hpp"

namespace miroir::meili {

// Reads the words, values and numbers of a filter. What returns false leaves the position where it was; after
// a fault the position is undefined, and who tries another reading moves back.
class FilterReader {
public:
    explicit FilterReader(std::string_view text) : source_(std::make_shared<const std::string>(text)) {}

    std::size_t at() const { return at_; }
    void move_to(std::size_t position) { at_ = position; }
    bool done() const { return at_ == source_->size(); }
    std::string_view rest() const { return std::string_view(*source_).substr(at_); }

    // Messages about what is read from now on repeat the text from `position` only.
    void show_from(std::size_t position) { shown_from_ = position; }

    // Space, tab, carriage return and line feed; Unicode's other blanks only count in front of values.
    void skip_blanks();
    bool take_blanks();
    bool take(std::string_view text);
    // The texts with at least one blank between them.
    bool take_sequence(std::initializer_list<std::string_view> texts);
    // A whole word (letters, digits, `_`, `-`, `.`), not the start of a longer one.
    bool take_word(std::string_view word);

    Parsed<FilterToken> value();
    // A part of `_vectors.embedder...`: a word without dots or a quoted text. Faults are final, of kind
    // `otherwise` when not about quotes.
    Parsed<FilterToken> vector_name(FilterFault::Kind otherwise);
    Parsed<FilterToken> number();

    FilterSpan span(std::size_t begin, std::size_t end) const { return {source_, begin, end, shown_from_}; }
    FilterFault fault(FilterFault::Kind kind, std::size_t begin, std::size_t end) const;
    // About everything from `begin` to the end.
    FilterFault fault(FilterFault::Kind kind, std::size_t begin) const;
    FilterFault final_fault(FilterFault::Kind kind, std::size_t begin) const;

private:
    Parsed<FilterToken> quoted(char quote);
    Parsed<FilterToken> unquoted();
    Parsed<FilterToken> resolve_escapes(FilterToken token, std::size_t from);
    Parsed<FilterToken> bare_vector_name();
    std::size_t skip_word(bool dots);
    std::size_t skip_digits();
    std::size_t end_of_error_word(std::size_t begin) const;

    std::shared_ptr<const std::string> source_;
    std::size_t at_ = 0;
    std::size_t shown_from_ = 0;
};

}  // namespace miroir::meili
