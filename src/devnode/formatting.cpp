#include "devnode/formatting.hpp"

#include <algorithm>
#include <array>

#include "devnode/edit_distance.hpp"

namespace miroir::devnode {

// A stretch of words that stands for a term, in words and tokens of the text.
struct TextMatcher::Match {
    std::size_t first_word = 0;
    std::size_t last_word = 0;
    std::size_t first_token = 0;
    std::size_t last_token = 0;
    std::size_t byte_start = 0;
    // End of what is marked, and of the words it belongs to.
    std::size_t marked_end = 0;
    std::size_t byte_end = 0;
    std::size_t first_id = 0;
    std::size_t last_id = 0;
};

struct TextMatcher::Window {
    std::size_t start = 0;
    std::size_t end = 0;
};

std::optional<TextMatcher::Match> TextMatcher::match_phrase(const std::vector<Token>& tokens, std::size_t at,
                                                            std::size_t word) const {
    const auto matches = [&](const Phrase& phrase) -> std::optional<std::size_t> {
        std::size_t token = at;
        std::size_t last = at;
        for (const auto& wanted : phrase) {
            while (token < tokens.size() && !tokens[token].is_word()) {
                ++token;
            }
            const bool same = token < tokens.size() && (wanted ? tokens[token].lemma == *wanted
                                                               : tokens[token].kind == TokenKind::stop_word);
            if (!same) {
                return std::nullopt;
            }
            last = token++;
        }
        return phrase.empty() ? std::nullopt : std::optional(last);
    };
    const auto found = [&](const QueryTerm& term, const Phrase& phrase) -> std::optional<Match> {
        const auto last = matches(phrase);
        if (!last) {
            return std::nullopt;
        }
        const auto end = tokens[*last].byte_end;
        return Match{word,  word + phrase.size() - 1, at,
                     *last, tokens[at].byte_start,    end,
                     end,   term.first_position,      term.last_position};
    };
    for (const auto& term : query_.terms) {
        if (auto match = term.is_phrase() ? found(term, term.phrase) : std::nullopt) {
            return match;
        }
        for (const auto& synonym : term.synonyms) {
            if (auto match = found(term, synonym)) {
                return match;
            }
        }
    }
    return std::nullopt;
}

std::optional<TextMatcher::Match> TextMatcher::match_word(const Token& token, std::string_view text) const {
    const auto characters = code_points(token.lemma);
    for (const bool prefix : {false, true}) {
        for (const auto& term : query_.terms) {
            if (term.is_phrase() || term.prefix != prefix) {
                continue;
            }
            const auto wanted = code_points(term.word);
            if (!typos_between(wanted, characters, term.typos_max, prefix)) {
                continue;
            }
            Match match;
            match.byte_start = token.byte_start;
            match.byte_end = match.marked_end = token.byte_end;
            match.first_id = match.last_id = term.first_position;
            if (prefix && characters.size() > wanted.size()) {
                std::size_t folded = 0;
                for (std::size_t i = 0; i < wanted.size(); ++i) {
                    next_code_point(token.lemma, folded);
                }
                const auto original = text.substr(token.byte_start, token.byte_end - token.byte_start);
                std::size_t marked = 0;
                for (auto left = characters_folding_to(original, folded); left > 0; --left) {
                    next_code_point(original, marked);
                }
                match.marked_end = token.byte_start + marked;
            }
            return match;
        }
    }
    return std::nullopt;
}

std::vector<TextMatcher::Match> TextMatcher::find(const std::vector<Token>& tokens,
                                                  std::string_view text) const {
    std::vector<Match> out;
    if (query_.placeholder()) {
        return out;
    }
    std::size_t word = 0;
    for (std::size_t at = 0; at < tokens.size(); ++at) {
        if (!tokens[at].is_word()) {
            continue;
        }
        if (auto phrase = match_phrase(tokens, at, word)) {
            at = phrase->last_token;
            word = phrase->last_word;
            out.push_back(*phrase);
        } else if (auto match = match_word(tokens[at], text)) {
            match->first_word = match->last_word = word;
            match->first_token = match->last_token = at;
            out.push_back(*match);
        }
        ++word;
    }
    return out;
}

std::vector<MatchBounds> TextMatcher::matches(std::string_view text) const {
    std::vector<MatchBounds> out;
    if (!query_.placeholder()) {
        for (const auto& match : find(tokenize(text, rules_), text)) {
            out.push_back({match.byte_start, match.marked_end - match.byte_start});
        }
    }
    return out;
}

std::pair<std::size_t, std::size_t> TextMatcher::best_interval(const std::vector<Match>& matches,
                                                               std::size_t size) {
    using Quality = std::array<long, 3>;
    const auto quality = [&](std::size_t first, std::size_t last) {
        std::set<std::size_t> ids;
        long ordered = 0;
        long distance = 0;
        for (std::size_t i = first; i <= last; ++i) {
            for (std::size_t id = matches[i].first_id; id <= matches[i].last_id; ++id) {
                ids.insert(id);
            }
            const auto inner = static_cast<long>(matches[i].last_word - matches[i].first_word);
            ordered += inner;
            distance -= inner;
            if (i < last) {
                ordered += matches[i + 1].first_id > matches[i].first_id ? 1 : 0;
                distance -= static_cast<long>(
                    std::min<std::size_t>(matches[i + 1].first_word - matches[i].last_word, 7));
            }
        }
        return Quality{static_cast<long>(ids.size()), distance, ordered};
    };
    std::pair<std::size_t, std::size_t> best{0, 0};
    std::optional<Quality> best_quality;
    std::size_t last = 0;
    for (std::size_t first = 0; first < matches.size(); ++first) {
        last = std::max(last, first);
        while (last + 1 < matches.size() && matches[last + 1].last_word - matches[first].first_word < size) {
            ++last;
        }
        const auto candidate = quality(first, last);
        if (!best_quality || candidate > *best_quality) {
            best_quality = candidate;
            best = {first, last};
        }
    }
    return best;
}

TextMatcher::Window TextMatcher::crop_window(const std::vector<Token>& tokens,
                                             const std::vector<Match>& matches, std::size_t size,
                                             std::size_t text_bytes) {
    std::size_t before = 0;  // tokens [before, after) are shown
    std::size_t after = 0;
    std::size_t words_left = size;
    if (!matches.empty()) {
        const auto [first, last] = best_interval(matches, size);
        before = matches[first].first_token;
        after = matches[last].last_token + 1;
        const std::size_t words = matches[last].last_word - matches[first].first_word + 1;
        for (std::size_t extra = words > size ? words - size : 0; extra > 0 && after > before; --after) {
            extra -= tokens[after - 1].is_word() ? 1 : 0;
        }
        words_left = words > size ? 0 : size - words;
    }
    while (words_left > 0 && (before > 0 || after < tokens.size())) {
        const Token* left = before > 0 ? &tokens[before - 1] : nullptr;
        const Token* right = after < tokens.size() ? &tokens[after] : nullptr;
        if (left && right && !left->is_word() && !right->is_word()) {
            if (left->kind == right->kind) {
                --before;
                after += words_left > 1 ? 1 : 0;
            } else if (left->kind == TokenKind::hard_separator) {
                ++after;
            } else {
                --before;
            }
            continue;
        }
        const bool take_left = left && (!right || left->is_word());
        const bool take_right = right && (!left || right->is_word());
        if (take_left) {
            words_left -= left->is_word() ? 1 : 0;
            --before;
        }
        if (take_right && words_left > 0) {
            words_left -= right->is_word() ? 1 : 0;
            ++after;
        }
    }
    return {before > 0 ? tokens[before - 1].byte_end : 0,
            after < tokens.size() ? tokens[after].byte_start : text_bytes};
}

std::string TextMatcher::format(std::string_view text, const FormatOptions& options,
                                const Markers& markers) const {
    if (!options.highlight && !options.crop) {
        return std::string(text);
    }
    const auto tokens = tokenize(text, rules_);
    const auto found = find(tokens, text);
    Window window{0, text.size()};
    if (options.crop && *options.crop > 0) {
        window = crop_window(tokens, found, *options.crop, text.size());
    }
    std::string out = window.start > 0 ? markers.crop : "";
    std::size_t at = window.start;
    for (const auto& match : found) {
        if (!options.highlight || match.byte_end < window.start || match.byte_start > window.end) {
            continue;
        }
        const auto start = std::max(match.byte_start, window.start);
        const auto end = std::min(match.byte_end, window.end);
        const auto marked = std::clamp(match.marked_end, start, end);
        out += text.substr(at, start - at);
        out += markers.pre_tag;
        out += text.substr(start, marked - start);
        out += markers.post_tag;
        out += text.substr(marked, end - marked);
        at = end;
    }
    out += text.substr(at, window.end - at);
    return out + (window.end < text.size() ? markers.crop : "");
}

}  // namespace miroir::devnode
