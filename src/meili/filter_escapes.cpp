#include "filter_escapes.hpp"

#include <charconv>
#include <cstdint>
#include <optional>

#include "filter_characters.hpp"
#include "miroir/meili/utf8.hpp"

namespace miroir::meili {
namespace {

// One sequence of `text`, read character by character from behind the backslash.
class Escape {
public:
    Escape(std::string_view text, std::size_t position) : text_(text), at_(position) {}

    std::size_t position() const { return at_; }

    EscapeOutcome read(std::string& out) {
        if (at_ == text_.size()) return EscapeOutcome::incomplete;
        const auto c = next_character(text_, at_);
        switch (c) {
            case U'b':
                return put(out, U'\b');
            case U'f':
                return put(out, U'\f');
            case U'n':
                return put(out, U'\n');
            case U'r':
                return put(out, U'\r');
            case U't':
                return put(out, U'\t');
            case U'\'':
            case U'"':
            case U'\\':
            case U'/':
                return put(out, c);
            case U'u':
                return unicode(out);
            case U'x':
                return byte(out);
            default:
                return octal(c, out);
        }
    }

private:
    static EscapeOutcome put(std::string& out, char32_t c) {
        append_utf8(out, c);
        return EscapeOutcome::resolved;
    }

    static std::optional<std::uint32_t> parse_number(std::string_view digits, int base) {
        if (digits.starts_with('+')) digits.remove_prefix(1);
        std::uint32_t number = 0;
        const auto* end = digits.data() + digits.size();
        const auto [parsed, failure] = std::from_chars(digits.data(), end, number, base);
        if (failure != std::errc() || parsed != end) return std::nullopt;
        return number;
    }

    bool take_characters(int count) {
        for (int i = 0; i < count; ++i) {
            if (at_ == text_.size()) return false;
            next_character(text_, at_);
        }
        return true;
    }

    EscapeOutcome unicode(std::string& out) {
        if (at_ == text_.size()) return EscapeOutcome::incomplete;
        std::string_view digits;
        if (text_[at_] == '{') {
            const auto begin = at_ + 1;
            const auto closing = std::min(text_.find('}', begin), text_.size());
            digits = text_.substr(begin, closing - begin);
            at_ = std::min(closing + 1, text_.size());
        } else {
            const auto begin = at_;
            if (!take_characters(4)) return EscapeOutcome::incomplete;
            digits = text_.substr(begin, at_ - begin);
        }
        const auto number = parse_number(digits, 16);
        if (!number) return EscapeOutcome::bad_number;
        const bool surrogate = *number >= 0xD800 && *number <= 0xDFFF;
        if (surrogate || *number > 0x10FFFF) return EscapeOutcome::bad_character;
        return put(out, static_cast<char32_t>(*number));
    }

    EscapeOutcome byte(std::string& out) {
        const auto begin = at_;
        if (!take_characters(2)) return EscapeOutcome::incomplete;
        const auto number = parse_number(text_.substr(begin, at_ - begin), 16);
        return number ? put(out, static_cast<char32_t>(*number)) : EscapeOutcome::bad_number;
    }

    EscapeOutcome octal(char32_t first, std::string& out) {
        if (first < U'0' || first > U'7') return EscapeOutcome::bad_character;
        std::uint32_t number = first - U'0';
        const int more = first <= U'3' ? 2 : 1;
        for (int i = 0; i < more && at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '7'; ++i) {
            number = number * 8 + static_cast<std::uint32_t>(text_[at_++] - '0');
        }
        return put(out, static_cast<char32_t>(number));
    }

    std::string_view text_;
    std::size_t at_;
};

}  // namespace

EscapeOutcome resolve_filter_escapes(std::string_view text, std::string& out) {
    out.clear();
    out.reserve(text.size());
    for (std::size_t position = 0; position < text.size();) {
        const auto escape_at = std::min(text.find('\\', position), text.size());
        out += text.substr(position, escape_at - position);
        position = escape_at;
        if (position == text.size()) break;
        Escape escape(text, position + 1);
        const auto outcome = escape.read(out);
        if (outcome != EscapeOutcome::resolved) return outcome;
        position = escape.position();
    }
    return EscapeOutcome::resolved;
}

}  // namespace miroir::meili
