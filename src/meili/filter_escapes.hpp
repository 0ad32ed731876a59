#pragma once

#include <string>
#include <string_view>

namespace miroir::meili {

enum class EscapeOutcome { resolved, incomplete, bad_number, bad_character };

// Resolves the backslash escapes of a filter value: \b \f \n \r \t \' \" \\ \/, \uXXXX, \u{X...}, \xXX and
// one to three octal digits.
EscapeOutcome resolve_filter_escapes(std::string_view text, std::string& out);

}  // namespace miroir::meili
