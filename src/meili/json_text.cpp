#include "miroir/meili/json_text.hpp"

namespace miroir::meili {
namespace {

void append_control(std::string& out, unsigned char byte) {
    constexpr std::string_view digits = "0123456789abcdef";
    switch (byte) {
        case '\b':
            out += "\\b";
            return;
        case '\t':
            out += "\\t";
            return;
        case '\n':
            out += "\\n";
            return;
        case '\f':
            out += "\\f";
            return;
        case '\r':
            out += "\\r";
            return;
        default:
            out += "\\u00";
            out += digits[byte >> 4];
            out += digits[byte & 15];
    }
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
    out += '"';
    std::size_t copied = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const auto byte = static_cast<unsigned char>(text[at]);
        if (byte >= 0x20 && byte != '"' && byte != '\\') {
            continue;
        }
        out += text.substr(copied, at - copied);
        copied = at + 1;
        if (byte < 0x20) {
            append_control(out, byte);
        } else {
            out += '\\';
            out += static_cast<char>(byte);
        }
    }
    out += text.substr(copied);
    out += '"';
}

std::string json_string(std::string_view text) {
    std::string out;
    out.reserve(text.size() + 2);
    append_json_string(out, text);
    return out;
}

void append_quoted(std::string& out, std::string_view text) {
    out += '`';
    out += text;
    out += '`';
}

std::string debug_string(std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (c == '\n') {
            out += "\\n";
        } else if (c == '\r') {
            out += "\\r";
        } else if (c == '\t') {
            out += "\\t";
        } else if (c == '\0') {
            out += "\\0";
        } else if (byte < 0x20 || byte == 0x7F) {
            out += "\\u{";
            if (byte >= 16) {
                out += digits[byte >> 4];
            }
            out += digits[byte & 15];
            out += '}';
        } else {
            out += c;
        }
    }
    out += '"';
    return out;
}

}  // namespace miroir::meili
