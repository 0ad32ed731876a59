#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace miroir::cluster {

// Spreads the bits of `value` and `salt` (splitmix64's finalizer).
std::uint64_t mixed(std::uint64_t value, std::uint64_t salt);

// The smallest set of nodes of which every row names at least one; rows are not empty. Exact while few nodes
// are undecided, greedy beyond. Among equal sets `choice` picks; in the greedy part the lower `rank` wins.
std::vector<std::size_t> smallest_node_set(const std::vector<std::vector<std::size_t>>& rows,
                                           std::uint64_t choice, const std::vector<std::uint64_t>& rank);

}  // namespace miroir::cluster
