#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "miroir/coordination/write_journal.hpp"

namespace miroir::coordination {

// Lists as tables keep them: JSON arrays. Reading throws on any other text.
std::string list_text(const std::vector<std::uint32_t>& numbers);
std::string list_text(const std::vector<std::string>& texts);
std::string list_text(const std::vector<PlannedTarget>& targets);

std::vector<std::uint32_t> numbers_in(const std::string& text);
std::vector<std::string> texts_in(const std::string& text);
std::vector<PlannedTarget> targets_in(const std::string& text);

// "acked", "refused", "unsent", "unknown".
const char* name_of(TargetResult result);

// The status that a table names; throws on any other text.
TaskStatus status_named(const std::string& name);

std::optional<WallTime> time_of(std::optional<std::int64_t> us);
std::optional<std::int64_t> us_of(std::optional<WallTime> time);

}  // namespace miroir::coordination
