#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace miroir::meili {

// Why a text is no ranking rule; empty when it is one.
std::optional<std::string> ranking_rule_problem(std::string_view text);

// Whether `attribute` stands beside `attributeRank` or `wordPosition`.
bool mixes_attribute_rules(std::span<const std::string> rules);

// The attribute of a `name:asc` or `name:desc` rule; empty for the built-in ones.
std::optional<std::string> ranked_attribute(std::string_view rule);

}  // namespace miroir::meili
