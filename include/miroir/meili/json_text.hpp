#pragma once

#include <string>
#include <string_view>

namespace miroir::meili {

// Appends `text` as a JSON string with quotes, escaped as serde_json does: only '"', '\\' and control
// characters below 0x20 (short forms where JSON has them, lower-case \u00xx otherwise).
void append_json_string(std::string& out, std::string_view text);

// The same as a new string.
std::string json_string(std::string_view text);

// Text as Rust's debug form shows it: in quotes, with its own escapes.
std::string debug_string(std::string_view text);

// Appends `text` between back quotes, as error messages name things.
void append_quoted(std::string& out, std::string_view text);

// `a`, `b`, `c`
template <class Range>
std::string quoted_list(const Range& names) {
    std::string out;
    for (const auto& name : names) {
        if (!out.empty()) {
            out += ", ";
        }
        append_quoted(out, name);
    }
    return out;
}

}  // namespace miroir::meili
