#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "miroir/meili/json_syntax.hpp"
#include "miroir/meili/utf8.hpp"

namespace miroir::meili {
namespace {

constexpr std::string_view eof_string = "EOF while parsing a string";
constexpr std::string_view invalid_number = "invalid number";

// True when value * 10 + digit does not fit 64 bits.
bool overflows(std::uint64_t value, std::uint64_t digit) {
    constexpr auto max = std::numeric_limits<std::uint64_t>::max();
    return value > max / 10 || (value == max / 10 && digit > max % 10);
}

const std::array<double, 309>& powers_of_ten() {
    static const auto powers = [] {
        std::array<double, 309> all{};
        for (std::size_t i = 0; i < all.size(); ++i) {
            all[i] = std::strtod(("1e" + std::to_string(i)).c_str(), nullptr);
        }
        return all;
    }();
    return powers;
}

std::optional<unsigned> hex_digit(char digit) {
    if (digit >= '0' && digit <= '9') {
        return digit - '0';
    }
    const char lower = static_cast<char>(digit | 0x20);
    if (lower >= 'a' && lower <= 'f') {
        return lower - 'a' + 10;
    }
    return std::nullopt;
}

}  // namespace

bool JsonCursor::read_hex(unsigned& unit) {
    if (text_.size() - at_ < 4) {
        at_ = text_.size();
        return fail_here(eof_string);
    }
    unit = 0;
    bool valid = true;
    for (const char digit : text_.substr(at_, 4)) {
        const auto value = hex_digit(digit);
        valid = valid && value;
        unit = unit * 16 + value.value_or(0);
    }
    at_ += 4;
    return valid ? true : fail_here("invalid escape");
}

bool JsonCursor::read_unicode_escape(std::string* out) {
    unsigned unit = 0;
    if (!read_hex(unit)) {
        return false;
    }
    if (unit >= 0xDC00 && unit <= 0xDFFF) {
        return fail_here("lone leading surrogate in hex escape");
    }
    char32_t point = unit;
    if (unit >= 0xD800 && unit <= 0xDBFF) {
        for (const char expected : {'\\', 'u'}) {
            if (at_ >= text_.size()) {
                return fail_here(eof_string);
            }
            if (text_[at_++] != expected) {
                return fail_here("unexpected end of hex escape");
            }
        }
        unsigned low = 0;
        if (!read_hex(low)) {
            return false;
        }
        if (low < 0xDC00 || low > 0xDFFF) {
            return fail_here("lone leading surrogate in hex escape");
        }
        point = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
    }
    if (out != nullptr) {
        append_utf8(*out, point);
    }
    return true;
}

bool JsonCursor::read_escape(std::string* out) {
    if (at_ >= text_.size()) {
        return fail_here(eof_string);
    }
    const char escape = text_[at_++];
    if (escape == 'u') {
        return read_unicode_escape(out);
    }
    constexpr std::string_view names = "\"\\/bfnrt";
    constexpr std::string_view bytes = "\"\\/\b\f\n\r\t";
    const std::size_t index = names.find(escape);
    if (index == std::string_view::npos) {
        return fail_here("invalid escape");
    }
    if (out != nullptr) {
        *out += bytes[index];
    }
    return true;
}

bool JsonCursor::read_string(std::string* out) {
    if (out != nullptr) {
        out->clear();
    }
    bool valid = true;
    while (true) {
        const std::size_t start = at_;
        while (at_ < text_.size() && text_[at_] != '"' && text_[at_] != '\\' &&
               static_cast<unsigned char>(text_[at_]) >= 0x20) {
            ++at_;
        }
        const std::string_view plain = text_.substr(start, at_ - start);
        valid = valid && is_utf8(plain);
        if (out != nullptr) {
            *out += plain;
        }
        if (at_ >= text_.size()) {
            return fail_here(eof_string);
        }
        const char next = text_[at_++];
        if (next == '"') {
            return valid ? true : fail_here("invalid unicode code point");
        }
        if (next != '\\') {
            return fail_here("control character (\\u0000-\\u001F) found while parsing a string");
        }
        if (!read_escape(out)) {
            return false;
        }
    }
}

bool JsonCursor::read_number(JsonNumber& out) {
    const bool positive = byte() != '-';
    if (!positive) {
        take();
    }
    if (at_ >= text_.size()) {
        return fail_here("EOF while parsing a value");
    }
    const char first = text_[at_++];
    if (first < '0' || first > '9') {
        return fail_here(invalid_number);
    }
    if (first == '0' && at_digit()) {
        return fail_at_peek(invalid_number);
    }
    std::uint64_t significand = static_cast<std::uint64_t>(first - '0');
    out.kind = JsonNumber::Kind::real;
    bool real = true;
    while (at_digit() && !overflows(significand, byte() - '0')) {
        significand = significand * 10 + (byte() - '0');
        take();
    }
    if (at_digit()) {
        real = read_long_integer(significand, out.real);
    } else if (byte() == '.') {
        real = read_decimal(significand, 0, out.real);
    } else if (byte() == 'e' || byte() == 'E') {
        real = read_exponent(significand, 0, out.real);
    } else if (positive) {
        out.kind = JsonNumber::Kind::positive;
        out.positive = significand;
    } else if (significand != 0 && significand <= std::uint64_t{1} << 63) {
        out.kind = JsonNumber::Kind::negative;
        out.negative = static_cast<std::int64_t>(0 - significand);
    } else {
        out.real = static_cast<double>(significand);
    }
    if (real && !positive) {
        out.real = -out.real;
    }
    return real;
}

bool JsonCursor::read_long_integer(std::uint64_t significand, double& out) {
    int exponent = 0;
    while (at_digit()) {
        take();
        ++exponent;
    }
    if (byte() == '.') {
        return read_decimal(significand, exponent, out);
    }
    if (byte() == 'e' || byte() == 'E') {
        return read_exponent(significand, exponent, out);
    }
    return scale(significand, exponent, out);
}

bool JsonCursor::read_decimal(std::uint64_t significand, int exponent, double& out) {
    take();
    const std::size_t start = at_;
    while (at_digit() && !overflows(significand, byte() - '0')) {
        significand = significand * 10 + (byte() - '0');
        take();
        --exponent;
    }
    if (at_ == start && !at_digit()) {
        return fail_at_peek(at_ < text_.size() ? invalid_number : "EOF while parsing a value");
    }
    while (at_digit()) {
        take();
    }
    if (byte() == 'e' || byte() == 'E') {
        return read_exponent(significand, exponent, out);
    }
    return scale(significand, exponent, out);
}

bool JsonCursor::read_exponent(std::uint64_t significand, int exponent, double& out) {
    take();
    const bool positive = byte() != '-';
    if (byte() == '+' || byte() == '-') {
        take();
    }
    if (at_ >= text_.size()) {
        return fail_here("EOF while parsing a value");
    }
    if (!at_digit()) {
        take();
        return fail_here(invalid_number);
    }
    std::int64_t power = 0;
    while (at_digit()) {
        power = power * 10 + (byte() - '0');
        take();
        if (power > std::numeric_limits<std::int32_t>::max()) {
            if (significand != 0 && positive) {
                return fail_here("number out of range");
            }
            while (at_digit()) {
                take();
            }
            out = 0;
            return true;
        }
    }
    const std::int64_t total = positive ? exponent + power : exponent - power;
    constexpr std::int64_t lowest = std::numeric_limits<int>::min() + 1;
    constexpr std::int64_t highest = std::numeric_limits<int>::max();
    return scale(significand, static_cast<int>(std::clamp(total, lowest, highest)), out);
}

// serde_json's own arithmetic, which is off by an ulp at times: printed numbers must agree with it.
bool JsonCursor::scale(std::uint64_t significand, int exponent, double& out) {
    double value = static_cast<double>(significand);
    while (std::abs(exponent) > 308 && value != 0) {
        if (exponent > 0) {
            return fail_here("number out of range");
        }
        value /= 1e308;
        exponent += 308;
    }
    if (std::abs(exponent) <= 308) {
        const double power = powers_of_ten()[static_cast<std::size_t>(std::abs(exponent))];
        value = exponent >= 0 ? value * power : value / power;
    }
    if (std::isinf(value)) {
        return fail_here("number out of range");
    }
    out = value;
    return true;
}

}  // namespace miroir::meili
