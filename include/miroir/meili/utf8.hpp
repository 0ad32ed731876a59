#pragma once

#include <string>
#include <string_view>

namespace miroir::meili {

bool is_utf8(std::string_view bytes);

void append_utf8(std::string& out, char32_t point);

// For valid UTF-8.
std::size_t count_characters(std::string_view text);
std::u32string to_code_points(std::string_view text);

// `bytes` with each maximal ill-formed sequence replaced by U+FFFD.
std::string to_valid_utf8(std::string_view bytes);

}  // namespace miroir::meili
