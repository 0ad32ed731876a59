#include "filter_characters.hpp"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <array>
#include <cstdint>
#include <cstdio>

#include "miroir/meili/utf8.hpp"

namespace miroir::meili {
namespace {

// Characters Rust's Debug output does not show as they are.
bool is_shown(char32_t character) {
    switch (u_charType(static_cast<UChar32>(character))) {
        case U_CONTROL_CHAR:
        case U_FORMAT_CHAR:
        case U_SURROGATE:
        case U_PRIVATE_USE_CHAR:
        case U_UNASSIGNED:
        case U_LINE_SEPARATOR:
        case U_PARAGRAPH_SEPARATOR:
            return false;
        case U_SPACE_SEPARATOR:
            return character == U' ';
        default:
            return true;
    }
}

void append_debug(std::string& out, char32_t character, bool first) {
    switch (character) {
        case U'\0':
            out += "\\0";
            return;
        case U'\t':
            out += "\\t";
            return;
        case U'\n':
            out += "\\n";
            return;
        case U'\r':
            out += "\\r";
            return;
        case U'\'':
        case U'"':
        case U'\\':
            out += '\\';
            out += static_cast<char>(character);
            return;
        default:
            break;
    }
    const bool extends =
        first && u_hasBinaryProperty(static_cast<UChar32>(character), UCHAR_GRAPHEME_EXTEND) != 0;
    if (!extends && is_shown(character)) {
        append_utf8(out, character);
        return;
    }
    std::array<char, 16> escaped{};
    std::snprintf(escaped.data(), escaped.size(), "\\u{%x}", static_cast<unsigned>(character));
    out += escaped.data();
}

}  // namespace

char32_t next_character(std::string_view text, std::size_t& position) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
    auto i = static_cast<std::int64_t>(position);
    const auto length = static_cast<std::int64_t>(text.size());
    UChar32 character = 0;
    U8_NEXT_OR_FFFD(bytes, i, length, character);
    position = static_cast<std::size_t>(i);
    return static_cast<char32_t>(character);
}

bool is_white_space(char32_t character) {
    return u_isUWhiteSpace(static_cast<UChar32>(character)) != 0;
}

bool is_alphanumeric(char32_t character) {
    const auto c = static_cast<UChar32>(character);
    return u_isUAlphabetic(c) != 0 || (U_GET_GC_MASK(c) & U_GC_N_MASK) != 0;
}

bool is_blank_text(std::string_view text) {
    for (std::size_t position = 0; position < text.size();) {
        if (!is_white_space(next_character(text, position))) return false;
    }
    return true;
}

std::string escape_debug(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t position = 0; position < text.size();) {
        const bool first = position == 0;
        append_debug(out, next_character(text, position), first);
    }
    return out;
}

}  // namespace miroir::meili
