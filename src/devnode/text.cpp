#include "devnode/text.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "miroir/meili/facet_value.hpp"

namespace miroir::devnode {

namespace {

using Range = std::pair<char32_t, char32_t>;

// Punctuation, spaces and mathematical operators outside ASCII, ascending.
constexpr std::array separator_ranges = {
    Range{0x80, 0xa1},     Range{0xa7, 0xa7},     Range{0xab, 0xab},     Range{0xb1, 0xb1},
    Range{0xb6, 0xb7},     Range{0xbb, 0xbb},     Range{0xbf, 0xbf},     Range{0xd7, 0xd7},
    Range{0xf7, 0xf7},     Range{0x37e, 0x37e},   Range{0x387, 0x387},   Range{0x55a, 0x55f},
    Range{0x589, 0x58a},   Range{0x5be, 0x5be},   Range{0x5c0, 0x5c0},   Range{0x5c3, 0x5c3},
    Range{0x5c6, 0x5c6},   Range{0x5f3, 0x5f4},   Range{0x609, 0x60a},   Range{0x60c, 0x60d},
    Range{0x61b, 0x61b},   Range{0x61e, 0x61f},   Range{0x66a, 0x66d},   Range{0x6d4, 0x6d4},
    Range{0x700, 0x70d},   Range{0x7f7, 0x7f9},   Range{0x964, 0x965},   Range{0x970, 0x970},
    Range{0xe4f, 0xe4f},   Range{0xe5a, 0xe5b},   Range{0xf04, 0xf14},   Range{0x104a, 0x104f},
    Range{0x1360, 0x1368}, Range{0x1680, 0x1680}, Range{0x17d4, 0x17da}, Range{0x1800, 0x180a},
    Range{0x2000, 0x206f}, Range{0x207d, 0x207e}, Range{0x208d, 0x208e}, Range{0x2212, 0x22ff},
    Range{0x2308, 0x230b}, Range{0x2329, 0x232a}, Range{0x2768, 0x2775}, Range{0x27c5, 0x27c6},
    Range{0x27e6, 0x27ef}, Range{0x2983, 0x2998}, Range{0x29d8, 0x29db}, Range{0x29fc, 0x29fd},
    Range{0x2e00, 0x2e5f}, Range{0x3000, 0x3003}, Range{0x3008, 0x3011}, Range{0x3014, 0x301f},
    Range{0x3030, 0x3030}, Range{0x303d, 0x303d}, Range{0x30a0, 0x30a0}, Range{0x30fb, 0x30fb},
    Range{0xfe10, 0xfe19}, Range{0xfe30, 0xfe52}, Range{0xfe54, 0xfe61}, Range{0xfe63, 0xfe63},
    Range{0xfe68, 0xfe6b}, Range{0xff01, 0xff03}, Range{0xff05, 0xff0a}, Range{0xff0c, 0xff0f},
    Range{0xff1a, 0xff1b}, Range{0xff1f, 0xff20}, Range{0xff3b, 0xff3d}, Range{0xff3f, 0xff3f},
    Range{0xff5b, 0xff5b}, Range{0xff5d, 0xff5d}, Range{0xff5f, 0xff65},
};

// Scripts written without spaces: every character is a word.
constexpr std::array single_word_ranges = {
    Range{0x3040, 0x309f}, Range{0x30a1, 0x30fa}, Range{0x3400, 0x4dbf},
    Range{0x4e00, 0x9fff}, Range{0xf900, 0xfaff}, Range{0x20000, 0x2fa1f},
};

// Signs that end a thought: words on both sides are not near each other.
constexpr std::u32string_view hard_signs =
    U"\u0000!;?\u00a1\u00a7\u00b6\u00bf\u037e\u0589\u060c\u061b\u061f\u06d4\u0964\u0965\u104a\u104b"
    U"\u1362\u1363\u1364\u1365\u17d4\u17d5\u2024\u2025\u2026\u203b\u203c\u203d\u2047\u2048\u2049\u3001\u3002"
    U"\uff01\uff0c\uff0e\uff1a\uff1b\uff1f\uff61\uff64";

template <class Ranges>
bool contains(const Ranges& ranges, char32_t c) {
    return std::any_of(ranges.begin(), ranges.end(),
                       [&](const Range& r) { return c >= r.first && c <= r.second; });
}

bool is_separator(char32_t c) {
    if (c < 0x80) {
        const bool alphanumeric = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        return !alphanumeric && std::u32string_view(U"$<=>^|~").find(c) == std::u32string_view::npos;
    }
    return contains(separator_ranges, c);
}

bool is_combining(char32_t c) {
    return (c >= 0x300 && c <= 0x36f) || (c >= 0x591 && c <= 0x5bd) || c == 0x5bf ||
           (c >= 0x5c1 && c <= 0x5c2) || (c >= 0x5c4 && c <= 0x5c5) || (c >= 0x64b && c <= 0x65f) ||
           c == 0x670 || c == 0x640;
}

void append_folded(std::string& out, std::string_view character, char32_t c) {
    if (c < 0x80) {
        out += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : static_cast<char>(c);
        return;
    }
    if (is_combining(c)) {
        return;
    }
    const bool ligature = c == 0xe6 || c == 0xc6 || c == 0x153 || c == 0x152;
    if (ligature) {
        out += c == 0xe6 || c == 0xc6 ? "ae" : "oe";
        return;
    }
    const std::string normal = meili::normalize_facet(character);
    for (std::size_t at = 0; at < normal.size();) {
        const std::size_t start = at;
        if (!is_combining(next_code_point(normal, at))) {
            out.append(normal, start, at - start);
        }
    }
}

// The longest of `texts` that `rest` starts with; empty when none does.
std::string_view longest_match(const std::set<std::string, std::less<>>& texts, std::string_view rest) {
    std::string_view best;
    for (const auto& text : texts) {
        if (text.size() > best.size() && rest.substr(0, text.size()) == text) {
            best = text;
        }
    }
    return best;
}

class Tokenizer {
public:
    Tokenizer(std::string_view text, const TokenRules& rules) : text_(text), rules_(rules) {}

    std::vector<Token> run() {
        while (at_ < text_.size()) {
            step();
        }
        end_word();
        return std::move(tokens_);
    }

private:
    void step() {
        const auto rest = text_.substr(at_);
        if (const auto known = longest_match(rules_.dictionary, rest); !known.empty() && word_start_ == at_) {
            at_ += known.size();
            end_word();
            return;
        }
        if (const auto custom = longest_match(rules_.separators, rest); !custom.empty()) {
            separator(custom.size(), TokenKind::soft_separator);
            return;
        }
        const bool sentence = rest.size() > 1 && rest[1] == ' ' && (rest[0] == '.' || rest[0] == ',');
        if (sentence && !rules_.non_separators.count(rest.substr(0, 1))) {
            separator(2, TokenKind::hard_separator);
            return;
        }
        std::size_t next = at_;
        const char32_t c = next_code_point(text_, next);
        const std::size_t bytes = next - at_;
        if (is_separator(c) && !rules_.non_separators.count(rest.substr(0, bytes))) {
            const bool hard = hard_signs.find(c) != std::u32string_view::npos;
            separator(bytes, hard ? TokenKind::hard_separator : TokenKind::soft_separator);
        } else if (contains(single_word_ranges, c)) {
            end_word();
            at_ = next;
            end_word();
        } else {
            at_ = next;
        }
    }

    void separator(std::size_t bytes, TokenKind kind) {
        end_word();
        tokens_.push_back({kind, std::string(text_.substr(at_, bytes)), at_, at_ + bytes});
        at_ += bytes;
        word_start_ = at_;
    }

    void end_word() {
        if (word_start_ == at_) {
            return;
        }
        Token token{TokenKind::word, fold(text_.substr(word_start_, at_ - word_start_)), word_start_, at_};
        if (rules_.stop_words.count(token.lemma)) {
            token.kind = TokenKind::stop_word;
        }
        tokens_.push_back(std::move(token));
        word_start_ = at_;
    }

    std::string_view text_;
    const TokenRules& rules_;
    std::vector<Token> tokens_;
    std::size_t at_ = 0;
    std::size_t word_start_ = 0;
};

}  // namespace

char32_t next_code_point(std::string_view text, std::size_t& at) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char first = byte(at);
    const std::size_t length = first < 0x80    ? 1
                               : first >= 0xf0 ? 4
                               : first >= 0xe0 ? 3
                               : first >= 0xc2 ? 2
                                               : 0;
    if (length == 0 || at + length > text.size()) {
        ++at;
        return 0xfffd;
    }
    char32_t c = length == 1 ? first : first & (0xffU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        c = (c << 6U) | (byte(at + i) & 0x3fU);
    }
    at += length;
    return c;
}

std::u32string code_points(std::string_view text) {
    std::u32string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        out += next_code_point(text, at);
    }
    return out;
}

std::string fold(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t start = at;
        const char32_t c = next_code_point(text, at);
        append_folded(out, text.substr(start, at - start), c);
    }
    return out;
}

std::size_t characters_folding_to(std::string_view original, std::size_t folded_bytes) {
    std::string folded;
    std::size_t count = 0;
    for (std::size_t at = 0; at < original.size() && folded.size() < folded_bytes; ++count) {
        const std::size_t start = at;
        const char32_t c = next_code_point(original, at);
        append_folded(folded, original.substr(start, at - start), c);
    }
    return count;
}

std::vector<Token> tokenize(std::string_view text, const TokenRules& rules) {
    return Tokenizer(text, rules).run();
}

}  // namespace miroir::devnode
