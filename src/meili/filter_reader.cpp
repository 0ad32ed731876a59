#include "filter_reader.hpp"

#include <algorithm>
#include <array>

#include "filter_characters.hpp"
#include "filter_escapes.hpp"

namespace miroir::meili {
namespace {

using Kind = FilterFault::Kind;

constexpr std::array<std::string_view, 14> keywords = {
    "AND",  "OR",    "IN",       "NOT",    "TO",   "EXISTS",     "IS",
    "NULL", "EMPTY", "CONTAINS", "STARTS", "WITH", "_geoRadius", "_geoBoundingBox"};

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool ends_error_word(char32_t c) {
    return is_white_space(c) || std::u32string_view(U"()=<>!").find(c) != std::u32string_view::npos;
}

void unescape_quotes(std::string& text, char quote) {
    const std::string escaped = {'\\', quote};
    for (std::size_t at = text.find(escaped); at != std::string::npos; at = text.find(escaped, at + 1)) {
        text.erase(at, 1);
    }
}

}  // namespace

FilterFault FilterReader::fault(Kind kind, std::size_t begin, std::size_t end) const {
    return {
        .kind = kind, .final = false, .where = span(begin, end), .detail = {}, .previous = {}, .count = 0};
}

FilterFault FilterReader::fault(Kind kind, std::size_t begin) const {
    return fault(kind, begin, source_->size());
}

FilterFault FilterReader::final_fault(Kind kind, std::size_t begin) const {
    auto made = fault(kind, begin);
    made.final = true;
    return made;
}

void FilterReader::skip_blanks() {
    while (at_ < source_->size() && is_blank((*source_)[at_])) ++at_;
}

bool FilterReader::take_blanks() {
    const auto before = at_;
    skip_blanks();
    return at_ != before;
}

bool FilterReader::take(std::string_view text) {
    if (!rest().starts_with(text)) return false;
    at_ += text.size();
    return true;
}

bool FilterReader::take_sequence(std::initializer_list<std::string_view> texts) {
    const auto before = at_;
    for (const auto* text = texts.begin(); text != texts.end(); ++text) {
        const bool separated = text == texts.begin() || take_blanks();
        if (!separated || !take(*text)) {
            at_ = before;
            return false;
        }
    }
    return true;
}

std::size_t FilterReader::skip_word(bool dots) {
    const auto begin = at_;
    while (at_ < source_->size()) {
        auto next = at_;
        const auto c = next_character(*source_, next);
        const bool part = is_alphanumeric(c) || c == U'_' || c == U'-' || (dots && c == U'.');
        if (!part) break;
        at_ = next;
    }
    return at_ - begin;
}

bool FilterReader::take_word(std::string_view word) {
    const auto begin = at_;
    if (!take(word)) return false;
    if (skip_word(true) == 0) return true;
    at_ = begin;
    return false;
}

std::size_t FilterReader::end_of_error_word(std::size_t begin) const {
    auto end = begin;
    while (end < source_->size()) {
        auto next = end;
        if (ends_error_word(next_character(*source_, next))) break;
        end = next;
    }
    return end;
}

Parsed<FilterToken> FilterReader::quoted(char quote) {
    const auto begin = ++at_;
    bool escaped = false;
    while (at_ < source_->size() && (*source_)[at_] != quote) {
        if ((*source_)[at_] == '\\') {
            if (++at_ == source_->size()) return final_fault(Kind::malformed_value, begin);
            escaped = escaped || (*source_)[at_] == quote;
        }
        next_character(*source_, at_);
    }
    if (done()) {
        auto made = final_fault(Kind::unclosed_quote, at_);
        made.detail = quote;
        return made;
    }
    FilterToken token{source_->substr(begin, at_ - begin), span(begin, at_)};
    if (escaped) unescape_quotes(token.text, quote);
    ++at_;
    return token;
}

Parsed<FilterToken> FilterReader::unquoted() {
    const auto begin = at_;
    if (skip_word(true) == 0) {
        return fault(Kind::expected_value, begin, end_of_error_word(begin));
    }
    FilterToken token{source_->substr(begin, at_ - begin), span(begin, at_)};
    if (std::find(keywords.begin(), keywords.end(), token.text) != keywords.end()) {
        return fault(Kind::expected_value_not_keyword, begin, end_of_error_word(begin));
    }
    return token;
}

Parsed<FilterToken> FilterReader::resolve_escapes(FilterToken token, std::size_t from) {
    std::string resolved;
    switch (resolve_filter_escapes(token.text, resolved)) {
        case EscapeOutcome::resolved:
            token.text = std::move(resolved);
            return token;
        case EscapeOutcome::incomplete: {
            auto made = final_fault(Kind::incomplete, 0);
            made.where.shown_from = 0;
            return made;
        }
        case EscapeOutcome::bad_number: {
            auto made = fault(Kind::invalid_escape_number, from);
            made.where = token.span;
            return made;
        }
        case EscapeOutcome::bad_character:
            break;
    }
    auto made = fault(Kind::malformed_value, from);
    made.where = token.span;
    return made;
}

Parsed<FilterToken> FilterReader::value() {
    while (at_ < source_->size()) {
        auto next = at_;
        if (!is_white_space(next_character(*source_, next))) break;
        at_ = next;
    }
    const auto begin = at_;
    for (const std::string_view name : {"_geoPoint", "_geoDistance", "_geo"}) {
        const bool whole_word = name == "_geo";
        if (!(whole_word ? take_word(name) : take(name))) continue;
        auto made = final_fault(Kind::reserved_geo, begin);
        made.detail = name;
        return made;
    }
    if (take_word("_geoRadius")) return final_fault(Kind::misused_geo_radius, begin);
    if (take_word("_geoBoundingBox")) return final_fault(Kind::misused_geo_bounding_box, begin);

    const char first = done() ? '\0' : (*source_)[at_];
    auto token = first == '\'' || first == '"' ? quoted(first) : unquoted();
    if (!token) {
        auto made = std::move(token).error();
        if (made.kind == Kind::unclosed_quote) {
            made.kind = Kind::missing_delimiter;
            made.where = span(begin, source_->size());
        }
        return made;
    }
    skip_blanks();
    return resolve_escapes(std::move(token).value(), begin);
}

Parsed<FilterToken> FilterReader::bare_vector_name() {
    const auto begin = at_;
    if (skip_word(false) == 0) return fault(Kind::no_match, begin);
    return FilterToken{source_->substr(begin, at_ - begin), span(begin, at_)};
}

Parsed<FilterToken> FilterReader::vector_name(Kind otherwise) {
    const auto begin = at_;
    const char first = done() ? '\0' : (*source_)[at_];
    auto token = first == '\'' || first == '"' ? quoted(first) : bare_vector_name();
    if (!token) {
        return final_fault(token.error().kind == Kind::unclosed_quote ? Kind::vector_quotes : otherwise,
                           begin);
    }
    auto resolved = resolve_escapes(std::move(token).value(), begin);
    if (!resolved) return final_fault(otherwise, begin);
    return resolved;
}

std::size_t FilterReader::skip_digits() {
    const auto begin = at_;
    while (at_ < source_->size() && is_digit((*source_)[at_])) ++at_;
    return at_ - begin;
}

Parsed<FilterToken> FilterReader::number() {
    const auto begin = at_;
    if (!take("+")) take("-");
    const auto unsigned_begin = at_;
    if (skip_digits() > 0) {
        if (take(".")) skip_digits();
    } else if (!take(".")) {
        return fault(Kind::no_match, unsigned_begin);
    } else if (skip_digits() == 0) {
        return fault(Kind::no_match, at_);
    }
    if (take("e") || take("E")) {
        if (!take("+")) take("-");
        if (skip_digits() == 0) return final_fault(Kind::no_match, at_);
    }
    return FilterToken{source_->substr(begin, at_ - begin), span(begin, at_)};
}

}  // namespace miroir::meili
