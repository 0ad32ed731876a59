#include "miroir/meili/facet_value.hpp"

#include <unicode/locid.h>
#include <unicode/normalizer2.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "filter_characters.hpp"

namespace miroir::meili {
namespace {

std::string_view trim(std::string_view text) {
    std::size_t begin = 0;
    while (begin < text.size()) {
        auto next = begin;
        if (!is_white_space(next_character(text, next))) break;
        begin = next;
    }
    auto end = text.size();
    while (end > begin) {
        auto start = end - 1;
        while (start > begin && (static_cast<unsigned char>(text[start]) & 0xC0) == 0x80) --start;
        auto position = start;
        if (!is_white_space(next_character(text, position))) break;
        end = start;
    }
    return text.substr(begin, end - begin);
}

bool is_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

char ascii_lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

std::string normalize_facet(std::string_view text) {
    text = trim(text);
    std::string out;
    if (is_ascii(text)) {
        out.resize(text.size());
        std::transform(text.begin(), text.end(), out.begin(), ascii_lower);
        return out;
    }
    UErrorCode status = U_ZERO_ERROR;
    const auto* nfkd = icu::Normalizer2::getNFKDInstance(status);
    auto unicode =
        icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())));
    if (U_SUCCESS(status)) unicode = nfkd->normalize(unicode, status);
    unicode.toLower(icu::Locale::getRoot());
    return unicode.toUTF8String(out);
}

std::string stored_facet(std::string_view text) {
    auto value = normalize_facet(text);
    if (value.size() > facet_value_bytes_max) {
        auto end = facet_value_bytes_max;
        while (end > 0 && (static_cast<unsigned char>(value[end]) & 0xC0) == 0x80) --end;
        value.resize(end);
    }
    return value;
}

std::optional<double> parse_finite_number(std::string_view text) {
    auto digits = text;
    if (!digits.empty() && digits.front() == '+') {
        digits.remove_prefix(1);
        if (!digits.empty() && digits.front() == '-') return std::nullopt;
    }
    const auto unsigned_part = !digits.empty() && digits.front() == '-' ? digits.substr(1) : digits;
    // from_chars takes `inf` and `nan`, which no finite number starts like.
    if (unsigned_part.empty()) return std::nullopt;
    const char first = unsigned_part.front();
    if (first != '.' && (first < '0' || first > '9')) return std::nullopt;
    double number = 0;
    const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (end != digits.data() + digits.size()) return std::nullopt;
    if (failure == std::errc::result_out_of_range) number = std::strtod(std::string(digits).c_str(), nullptr);
    if (failure == std::errc::invalid_argument || !std::isfinite(number)) return std::nullopt;
    return number;
}

std::string print_number(double number) {
    if (std::isnan(number)) return "NaN";
    if (std::isinf(number)) return number < 0 ? "-inf" : "inf";
    std::array<char, 64> buffer{};
    const auto printed = std::to_chars(buffer.data(), buffer.data() + buffer.size(), std::fabs(number),
                                       std::chars_format::scientific);
    const std::string_view scientific(buffer.data(), static_cast<std::size_t>(printed.ptr - buffer.data()));
    const auto e = scientific.find('e');
    std::string digits(scientific.substr(0, 1));
    if (e > 1) digits += scientific.substr(2, e - 2);
    auto exponent_text = scientific.substr(e + 1);
    if (exponent_text.front() == '+') exponent_text.remove_prefix(1);
    int exponent = 0;
    std::from_chars(exponent_text.data(), exponent_text.data() + exponent_text.size(), exponent);

    std::string out = std::signbit(number) ? "-" : "";
    const int after_point = static_cast<int>(digits.size()) - 1 - exponent;
    if (exponent < 0) {
        out += "0.";
        out.append(static_cast<std::size_t>(-exponent - 1), '0');
        return out + digits;
    }
    if (after_point <= 0) {
        out += digits;
        return out.append(static_cast<std::size_t>(-after_point), '0');
    }
    out += digits.substr(0, static_cast<std::size_t>(exponent) + 1);
    out += '.';
    return out + digits.substr(static_cast<std::size_t>(exponent) + 1);
}

}  // namespace miroir::meili
