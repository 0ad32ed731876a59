#pragma once

#include "miroir/base/result.hpp"
#include "miroir/meili/filter.hpp"
#include "miroir/scatter/search_plan.hpp"

namespace miroir::scatter {

// The errors that a Meilisearch with the client's settings would give and a node would not.
Result<void> check_against_settings(const meili::SearchQuery& query, const meili::FilterParameter& filter,
                                    const LogicalIndexUid& index, const ClientSettings& settings);

// The same for a filter alone. `code` is the route's; only search routes name the index.
Result<void> check_filter(const meili::FilterParameter& filter, std::string_view code,
                          const LogicalIndexUid& index, const ClientSettings& settings);

// What the engine would say about the filter under the client's settings. Operators are judged only for
// attributes that some document has, so only when a node has found fault with one.
Result<void> evaluate_filter(const meili::FilterParameter& filter, std::string_view code,
                             const LogicalIndexUid& index, const ClientSettings& settings,
                             bool judge_operators);

}  // namespace miroir::scatter
