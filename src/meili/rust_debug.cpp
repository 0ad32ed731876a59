#include "rust_debug.hpp"

#include <array>
#include <charconv>

namespace miroir::meili {

std::string rust_debug(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (c == '\0') {
            out += "\\0";
        } else if (c == '\t') {
            out += "\\t";
        } else if (c == '\n') {
            out += "\\n";
        } else if (c == '\r') {
            out += "\\r";
        } else if (byte < 0x20 || byte == 0x7f) {
            std::array<char, 2> digits;
            const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), byte, 16);
            out += "\\u{";
            out.append(digits.data(), end.ptr);
            out += '}';
        } else {
            out += c;
        }
    }
    out += '"';
    return out;
}

}  // namespace miroir::meili
