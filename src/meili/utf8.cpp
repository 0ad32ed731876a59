#include "miroir/meili/utf8.hpp"

namespace miroir::meili {
namespace {

unsigned char at(std::string_view bytes, std::size_t index) {
    return index < bytes.size() ? static_cast<unsigned char>(bytes[index]) : 0;
}

struct Sequence {
    std::size_t length = 1;
    bool valid = false;
};

// The sequence that starts `bytes`; an invalid one spans the bytes that one replacement character covers.
Sequence leading_sequence(std::string_view bytes) {
    const unsigned char lead = at(bytes, 0);
    if (lead < 0x80) {
        return {1, true};
    }
    if (lead < 0xC2 || lead > 0xF4) {
        return {1, false};
    }
    const std::size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    unsigned char low = 0x80;
    unsigned char high = 0xBF;
    if (lead == 0xE0) low = 0xA0;
    if (lead == 0xED) high = 0x9F;
    if (lead == 0xF0) low = 0x90;
    if (lead == 0xF4) high = 0x8F;
    for (std::size_t index = 1; index < length; ++index) {
        const unsigned char next = at(bytes, index);
        if (next < low || next > high) {
            return {index, false};
        }
        low = 0x80;
        high = 0xBF;
    }
    return {length, true};
}

}  // namespace

bool is_utf8(std::string_view bytes) {
    while (!bytes.empty()) {
        const Sequence sequence = leading_sequence(bytes);
        if (!sequence.valid) {
            return false;
        }
        bytes.remove_prefix(sequence.length);
    }
    return true;
}

void append_utf8(std::string& out, char32_t point) {
    const auto tail = [&](int shift) { out += static_cast<char>(0x80 | ((point >> shift) & 0x3F)); };
    if (point < 0x80) {
        out += static_cast<char>(point);
    } else if (point < 0x800) {
        out += static_cast<char>(0xC0 | (point >> 6));
        tail(0);
    } else if (point < 0x10000) {
        out += static_cast<char>(0xE0 | (point >> 12));
        tail(6);
        tail(0);
    } else {
        out += static_cast<char>(0xF0 | (point >> 18));
        tail(12);
        tail(6);
        tail(0);
    }
}

std::size_t count_characters(std::string_view text) {
    std::size_t count = 0;
    for (const char byte : text) {
        count += (static_cast<unsigned char>(byte) & 0xC0) != 0x80 ? 1 : 0;
    }
    return count;
}

std::u32string to_code_points(std::string_view text) {
    std::u32string out;
    for (const char byte : text) {
        const auto unit = static_cast<unsigned char>(byte);
        if ((unit & 0xC0) == 0x80 && !out.empty()) {
            out.back() = (out.back() << 6) | (unit & 0x3F);
        } else {
            out += unit < 0x80 ? unit : unit < 0xE0 ? unit & 0x1F : unit < 0xF0 ? unit & 0x0F : unit & 0x07;
        }
    }
    return out;
}

std::string to_valid_utf8(std::string_view bytes) {
    std::string out;
    out.reserve(bytes.size());
    while (!bytes.empty()) {
        const Sequence sequence = leading_sequence(bytes);
        if (sequence.valid) {
            out += bytes.substr(0, sequence.length);
        } else {
            append_utf8(out, 0xFFFD);
        }
        bytes.remove_prefix(sequence.length);
    }
    return out;
}

}  // namespace miroir::meili
