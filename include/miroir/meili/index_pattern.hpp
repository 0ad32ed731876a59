#pragma once

#include <string>
#include <string_view>

#include "miroir/meili/body_reader.hpp"

// Patterns of index uids, as keys and tenant tokens name them: a uid, the beginning of uids and `*`, or `*`.
namespace miroir::meili {

bool matches_index_pattern(std::string_view pattern, std::string_view uid);

// Whether it stands for one uid only.
bool is_exact_pattern(std::string_view pattern);

// Reads a list of them; the code of the errors is that of the place.
Result<void> read_index_patterns(const Place& place, std::vector<std::string>& out);

}  // namespace miroir::meili
