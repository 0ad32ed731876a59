#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "miroir/coordination/write_journal.hpp"

namespace miroir::stores {

// Lists as the tables keep them: JSON arrays. Reading throws on any other text.
std::string list_text(const std::vector<std::uint32_t>& numbers);
std::string list_text(const std::vector<std::string>& texts);
std::string list_text(const std::vector<coordination::PlannedTarget>& targets);

std::vector<std::uint32_t> numbers_in(const std::string& text);
std::vector<coordination::PlannedTarget> targets_in(const std::string& text);

}  // namespace miroir::stores
