#pragma once

#include <string>
#include <string_view>

namespace miroir::meili {

// Valid UTF-8 as Rust's {:?} shows a string: quoted, with Rust's escapes.
std::string rust_debug(std::string_view text);

}  // namespace miroir::meili
