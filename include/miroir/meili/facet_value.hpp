#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace miroir::meili {

// The engine stores at most this many bytes of a text facet (after normalisation).
inline constexpr std::size_t facet_value_bytes_max = 468;

// The form under which the engine compares texts in filters, sorts and facets: trimmed, NFKD, lower case.
// Accents stay, as combining marks.
std::string normalize_facet(std::string_view text);

// normalize_facet(), cut to what the engine stores.
std::string stored_facet(std::string_view text);

// The number a filter value stands for. Empty for texts, `inf` and `nan`. Accepts what Rust's f64::from_str
// accepts: `+1`, `.5`, `5.`, `1e3`; no blanks, no hexadecimal.
std::optional<double> parse_finite_number(std::string_view text);

// Shortest text that reads back as `number`, never with an exponent: 1, 0.5, 1000000000000000000000.
std::string print_number(double number);

}  // namespace miroir::meili
