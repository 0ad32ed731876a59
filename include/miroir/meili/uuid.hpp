#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace miroir::meili {

// A UUID in any of its texts (32 digits, hyphenated, that in braces or after `urn:uuid:`) as lower-case
// hyphenated text; empty when it is none.
std::optional<std::string> parse_uuid(std::string_view text);

// Why parse_uuid() took a text for none, as Rust's uuid crate (1.23) says it: "invalid length: found 3".
std::string uuid_fault(std::string_view text);

}  // namespace miroir::meili
