#pragma once

#include <cstdint>
#include <string>

namespace miroir::meili {

// What is said when words would need more letters for one typo than for two.
std::string typo_sizes_problem(std::uint64_t one_typo, std::uint64_t two_typos);

}  // namespace miroir::meili
