#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace miroir::meili {

// Decodes the character at `position` and moves behind it; malformed bytes give U+FFFD one at a time.
char32_t next_character(std::string_view text, std::size_t& position);

// Unicode's White_Space and Rust's char::is_alphanumeric.
bool is_white_space(char32_t character);
bool is_alphanumeric(char32_t character);

// Empty or all White_Space.
bool is_blank_text(std::string_view text);

// The text with what cannot be shown (quotes, backslashes, control and invisible characters) escaped, as
// the engine quotes input in messages.
std::string escape_debug(std::string_view text);

}  // namespace miroir::meili
