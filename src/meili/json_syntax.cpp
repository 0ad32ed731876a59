#include "miroir/meili/json_syntax.hpp"

#include <algorithm>

#include "miroir/meili/utf8.hpp"

namespace miroir::meili {
namespace {

bool is_space(char byte) {
    return byte == ' ' || byte == '\n' || byte == '\t' || byte == '\r';
}

constexpr std::string_view eof_list = "EOF while parsing a list";
constexpr std::string_view eof_object = "EOF while parsing an object";
constexpr std::string_view eof_value = "EOF while parsing a value";

}  // namespace

std::string SyntaxError::text() const {
    return message + " at line " + std::to_string(line) + " column " + std::to_string(column);
}

bool JsonCursor::fail(std::string_view message, std::size_t index) {
    const std::string_view before = text_.substr(0, std::min(index, text_.size()));
    const std::size_t newline = before.rfind('\n');
    const std::size_t line_start = newline == std::string_view::npos ? 0 : newline + 1;
    error_.message = message;
    error_.line = 1 + static_cast<std::size_t>(std::ranges::count(before, '\n'));
    error_.column = before.size() - line_start;
    error_.end_of_input = message.starts_with("EOF");
    return false;
}

bool JsonCursor::fail_at_peek(std::string_view message) {
    return fail(message, std::min(text_.size(), at_ + 1));
}

std::optional<char> JsonCursor::peek() {
    while (at_ < text_.size() && is_space(text_[at_])) {
        ++at_;
    }
    if (at_ >= text_.size()) {
        return std::nullopt;
    }
    return text_[at_];
}

bool JsonCursor::next_element(bool& first, bool& more) {
    const auto next = peek();
    if (!next) {
        return fail_at_peek(eof_list);
    }
    more = *next != ']';
    if (!more) {
        take();
        return true;
    }
    if (first) {
        first = false;
        return true;
    }
    if (*next != ',') {
        return fail_at_peek("expected `,` or `]`");
    }
    take();
    const auto element = peek();
    if (!element) {
        return fail_at_peek(eof_value);
    }
    return *element == ']' ? fail_at_peek("trailing comma") : true;
}

bool JsonCursor::next_member(bool& first, bool& more, std::string* key) {
    auto next = peek();
    if (!next) {
        return fail_at_peek(eof_object);
    }
    more = *next != '}';
    if (!more) {
        take();
        return true;
    }
    if (!first) {
        if (*next != ',') {
            return fail_at_peek("expected `,` or `}`");
        }
        take();
        next = peek();
        if (!next) {
            return fail_at_peek(eof_value);
        }
        if (*next == '}') {
            return fail_at_peek("trailing comma");
        }
    }
    first = false;
    if (*next != '"') {
        return fail_at_peek("key must be a string");
    }
    take();
    if (!read_string(key)) {
        return false;
    }
    next = peek();
    if (!next) {
        return fail_at_peek(eof_object);
    }
    if (*next != ':') {
        return fail_at_peek("expected `:`");
    }
    take();
    return true;
}

bool JsonCursor::read_word(std::string_view rest) {
    take();
    for (const char expected : rest) {
        if (at_ >= text_.size()) {
            return fail_here(eof_value);
        }
        if (text_[at_++] != expected) {
            return fail_here("expected ident");
        }
    }
    return true;
}

bool JsonCursor::finish() {
    return peek() ? fail_at_peek("trailing characters") : true;
}

bool JsonCursor::skip_string() {
    while (true) {
        while (at_ < text_.size() && text_[at_] != '"' && text_[at_] != '\\' &&
               static_cast<unsigned char>(text_[at_]) >= 0x20) {
            ++at_;
        }
        if (at_ >= text_.size()) {
            return fail_here("EOF while parsing a string");
        }
        const char next = text_[at_];
        if (next == '"') {
            ++at_;
            return true;
        }
        if (next != '\\') {
            return fail_here("control character (\\u0000-\\u001F) found while parsing a string");
        }
        ++at_;
        if (at_ >= text_.size()) {
            return fail_here("EOF while parsing a string");
        }
        const char escape = text_[at_++];
        unsigned unit = 0;
        if (escape == 'u') {
            if (!read_hex(unit)) {
                return false;
            }
        } else if (std::string_view("\"\\/bfnrt").find(escape) == std::string_view::npos) {
            return fail_here("invalid escape");
        }
    }
}

bool JsonCursor::skip_number() {
    if (byte() == '-') {
        take();
    }
    const char first = byte();
    if (at_ < text_.size()) {
        take();
    }
    if (first == '0') {
        if (at_digit()) {
            return fail_at_peek("invalid number");
        }
    } else if (first < '1' || first > '9') {
        return fail_here("invalid number");
    }
    const auto digits = [this] {
        const std::size_t start = at_;
        while (at_digit()) {
            take();
        }
        return at_ != start;
    };
    digits();
    if (byte() == '.') {
        take();
        if (!digits()) {
            return fail_at_peek("invalid number");
        }
    }
    if (byte() == 'e' || byte() == 'E') {
        take();
        if (byte() == '+' || byte() == '-') {
            take();
        }
        if (!at_digit()) {
            at_ = std::min(at_ + 1, text_.size());
            return fail_here("invalid number");
        }
        digits();
    }
    return true;
}

bool JsonCursor::skip_scalar(char first, bool& is_scalar) {
    is_scalar = first != '[' && first != '{';
    switch (first) {
        case 'n':
            return read_word("ull");
        case 't':
            return read_word("rue");
        case 'f':
            return read_word("alse");
        case '"':
            take();
            return skip_string();
        case '[':
        case '{':
            return true;
        default:
            if (first == '-' || (first >= '0' && first <= '9')) {
                return skip_number();
            }
            return fail_at_peek("expected value");
    }
}

// Closes what ends here and moves in front of the next value of the innermost open list or object.
bool JsonCursor::skip_to_value(std::string& frames, bool open) {
    bool accept_comma = !open;
    while (!frames.empty()) {
        const bool list = frames.back() == '[';
        const auto next = peek();
        if (!next) {
            return fail_at_peek(list ? eof_list : eof_object);
        }
        if (*next == (list ? ']' : '}')) {
            take();
            frames.pop_back();
            accept_comma = true;
            continue;
        }
        if (accept_comma) {
            if (*next != ',') {
                return fail_at_peek(list ? "expected `,` or `]`" : "expected `,` or `}`");
            }
            take();
        }
        break;
    }
    if (frames.empty() || frames.back() == '[') {
        return true;
    }
    const auto quote = peek();
    if (!quote) {
        return fail_at_peek(eof_object);
    }
    if (*quote != '"') {
        return fail_at_peek("key must be a string");
    }
    take();
    if (!skip_string()) {
        return false;
    }
    const auto colon = peek();
    if (!colon) {
        return fail_at_peek(eof_object);
    }
    if (*colon != ':') {
        return fail_at_peek("expected `:`");
    }
    take();
    return true;
}

bool JsonCursor::skip_value() {
    (void)peek();
    const std::size_t start = at_;
    std::string frames;
    do {
        const auto first = peek();
        if (!first) {
            return fail_at_peek(eof_value);
        }
        bool is_scalar = true;
        if (!skip_scalar(*first, is_scalar)) {
            return false;
        }
        if (!is_scalar) {
            take();
            frames += *first;
        }
        if (!skip_to_value(frames, !is_scalar)) {
            return false;
        }
    } while (!frames.empty());
    return is_utf8(text_.substr(start, at_ - start)) ? true : fail_here("invalid unicode code point");
}

std::optional<SyntaxError> check_json(std::string_view text) {
    JsonCursor cursor(text);
    if (cursor.read_value(nullptr) && cursor.finish()) {
        return std::nullopt;
    }
    return cursor.error();
}

}  // namespace miroir::meili
