#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace miroir::meili {

struct JsonValue;

// What is wrong with a JSON text, in serde_json's words and positions (lines from 1, columns in bytes).
struct SyntaxError {
    std::string message;
    std::size_t line = 1;
    std::size_t column = 0;
    // The text ended too early: more bytes could have made it valid.
    bool end_of_input = false;

    // "expected value at line 1 column 3"
    std::string text() const;
    friend bool operator==(const SyntaxError&, const SyntaxError&) = default;
};

// A JSON number as serde_json keeps it: what fits u64 or i64 is an integer, all else (also -0) a double.
struct JsonNumber {
    enum class Kind { positive, negative, real };
    Kind kind = Kind::positive;
    std::uint64_t positive = 0;
    std::int64_t negative = 0;
    double real = 0;
};

// Walks a JSON text as serde_json does. A function that returns false has found an error: see error();
// the cursor is of no use afterwards.
class JsonCursor {
public:
    explicit JsonCursor(std::string_view text, std::size_t offset = 0) : text_(text), at_(offset) {}

    std::size_t offset() const { return at_; }
    const SyntaxError& error() const { return error_; }

    // The next byte that is no whitespace, left in place; empty at the end of the text.
    std::optional<char> peek();
    // Consumes the byte that peek() saw.
    void take() { ++at_; }

    // Inside a list: `more` tells whether another element follows (the cursor is then in front of it) or the
    // list has ended (`]` is taken). `first` must start as true.
    bool next_element(bool& first, bool& more);
    // The same for the members of an object; stops in front of the value. `key` may be null.
    bool next_member(bool& first, bool& more, std::string* key);

    // One value, judged as a parse into memory would: strings are valid UTF-8 with paired surrogates,
    // numbers finite, nesting below 128. `out` may be null.
    bool read_value(JsonValue* out);
    // One value whose content is not looked at, as when serde_json reads a RawValue.
    bool skip_value();
    // The rest of a string whose quote is taken. `out` may be null.
    bool read_string(std::string* out);
    // The number that peek() announced.
    bool read_number(JsonNumber& out);
    // Only whitespace is left.
    bool finish();

    // Record an error behind the bytes taken so far, or at the byte peek() saw. Always false.
    bool fail_here(std::string_view message) { return fail(message, at_); }
    bool fail_at_peek(std::string_view message);

private:
    char byte() const { return at_ < text_.size() ? text_[at_] : '\0'; }
    bool at_digit() const { return byte() >= '0' && byte() <= '9'; }
    bool fail(std::string_view message, std::size_t index);
    bool read_list(JsonValue* out);
    bool read_object(JsonValue* out);
    bool read_word(std::string_view rest);
    bool read_escape(std::string* out);
    bool read_unicode_escape(std::string* out);
    bool read_hex(unsigned& unit);
    bool skip_string();
    bool skip_number();
    bool skip_scalar(char first, bool& is_scalar);
    bool skip_to_value(std::string& frames, bool open);
    bool read_decimal(std::uint64_t significand, int exponent, double& out);
    bool read_exponent(std::uint64_t significand, int exponent, double& out);
    bool read_long_integer(std::uint64_t significand, double& out);
    bool scale(std::uint64_t significand, int exponent, double& out);

    std::string_view text_;
    std::size_t at_ = 0;
    int depth_left_ = 128;
    SyntaxError error_;
};

// The error serde_json reports when it reads `text` into memory; empty when it is one valid JSON value.
std::optional<SyntaxError> check_json(std::string_view text);

}  // namespace miroir::meili
