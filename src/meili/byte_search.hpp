#pragma once

#include <bit>
#include <cstdint>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace miroir::meili {

// Each search may read up to 15 bytes behind the byte it finds, or behind `end`.

#ifdef __SSE2__

inline unsigned string_end_mask(const char* at) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i quote = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
    const __m128i backslash = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
    const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1f)), bytes);
    return static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(quote, backslash), control)));
}

// The first quote, backslash or control character; `end` or a place behind it when there is none before.
inline const char* find_string_end(const char* at, const char* end) {
    for (; at < end; at += 16) {
        const unsigned mask = string_end_mask(at);
        if (mask != 0) {
            return at + std::countr_zero(mask);
        }
    }
    return at;
}

// There must be one.
inline const char* find_quote_or_backslash(const char* at) {
    for (;; at += 16) {
        const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
        const __m128i quote = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
        const __m128i backslash = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
        const auto mask = static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(quote, backslash)));
        if (mask != 0) {
            return at + std::countr_zero(mask);
        }
    }
}

// There must be one. Braces and brackets differ in one bit only.
inline const char* find_quote_or_bracket(const char* at) {
    for (;; at += 16) {
        const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
        const __m128i folded = _mm_or_si128(bytes, _mm_set1_epi8(0x20));
        const __m128i quote = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
        const __m128i open = _mm_cmpeq_epi8(folded, _mm_set1_epi8('{'));
        const __m128i close = _mm_cmpeq_epi8(folded, _mm_set1_epi8('}'));
        const auto mask =
            static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(open, close), quote)));
        if (mask != 0) {
            return at + std::countr_zero(mask);
        }
    }
}

#else

inline const char* find_string_end(const char* at, const char* end) {
    while (at < end && *at != '"' && *at != '\\' && static_cast<unsigned char>(*at) >= 0x20) {
        ++at;
    }
    return at;
}

inline const char* find_quote_or_backslash(const char* at) {
    while (*at != '"' && *at != '\\') {
        ++at;
    }
    return at;
}

inline const char* find_quote_or_bracket(const char* at) {
    while (*at != '"' && (*at | 0x20) != '{' && (*at | 0x20) != '}') {
        ++at;
    }
    return at;
}

#endif

}  // namespace miroir::meili
