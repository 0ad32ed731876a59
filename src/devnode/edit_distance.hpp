#pragma once

#include <optional>
#include <string_view>

namespace miroir::devnode {

// How many typos turn `query` into `word`, or into a beginning of it when `prefix`; empty when more than
// `typos_max` (0 to 2). Neighbours exchanged count as one. A wrong first letter counts as two.
std::optional<int> typos_between(std::u32string_view query, std::u32string_view word, int typos_max,
                                 bool prefix);

}  // namespace miroir::devnode
