#pragma once

#include <optional>
#include <string>
#include <vector>

#include "miroir/meili/body_reader.hpp"
#include "miroir/meili/search_query.hpp"

// Readers of the search parameters that are more than a plain value.
namespace miroir::meili {

Result<void> read_matching_strategy(const Place& place, MatchingStrategy& out);
// Keeps the number's text; it must lie between 0 and 1.
Result<void> read_score_threshold(const Place& place, std::optional<std::string>& out);
Result<void> read_query_score_threshold(const Place& place, std::optional<std::string>& out);
Result<void> read_locales(const Place& place, std::optional<std::vector<std::string>>& out);
Result<void> read_query_locales(const Place& place, std::optional<std::vector<std::string>>& out);
// These check the shape and keep the JSON as sent.
Result<void> read_hybrid(const Place& place, std::optional<std::string>& out);
Result<void> read_vector(const Place& place, std::optional<std::string>& out);
Result<void> read_personalize(const Place& place, std::optional<std::string>& out);
Result<void> read_federation(const Place& place, MultiSearch& out);
// A comma-separated list of numbers as a JSON array.
Result<void> read_query_vector(const Place& place, std::optional<std::string>& out);
Result<void> read_query_semantic_ratio(const Place& place, std::optional<std::string>& out);

}  // namespace miroir::meili
