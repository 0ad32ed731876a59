#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace miroir::devnode {

enum class TokenKind { word, stop_word, soft_separator, hard_separator };

// A piece of a text. The tokens of a text cover it without gaps.
struct Token {
    TokenKind kind = TokenKind::word;
    // Lower-case, without diacritics; a separator keeps its own text.
    std::string lemma;
    std::size_t byte_start = 0;
    std::size_t byte_end = 0;

    bool is_word() const { return kind == TokenKind::word || kind == TokenKind::stop_word; }
};

// What an index's settings change about tokenisation. The sets hold the settings' own spellings.
struct TokenRules {
    std::set<std::string, std::less<>> separators;
    std::set<std::string, std::less<>> non_separators;
    std::set<std::string, std::less<>> dictionary;
    // Folded.
    std::set<std::string, std::less<>> stop_words;
};

std::vector<Token> tokenize(std::string_view text, const TokenRules& rules);

// The form in which words are compared.
std::string fold(std::string_view text);

// How many code points of `original` make the first `folded_bytes` bytes of fold(original).
std::size_t characters_folding_to(std::string_view original, std::size_t folded_bytes);

// The code point at `at`, which moves behind it. For valid UTF-8.
char32_t next_code_point(std::string_view text, std::size_t& at);

std::u32string code_points(std::string_view text);

// Words whose text is longer are not searchable.
inline constexpr std::size_t word_bytes_max = 250;

}  // namespace miroir::devnode
