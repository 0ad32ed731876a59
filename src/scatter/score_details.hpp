#pragma once

#include <vector>

#include "order_key.hpp"
#include "raw_json.hpp"

namespace miroir::scatter {

enum class Details { good, unusable, malformed };

// Appends the keys of a `_rankingScoreDetails` object (the engine prints its entries in the order of the
// rules). Unusable: valid JSON, but not what the engine prints; such a member can come from a document.
Details read_score_details(od::object details, od::document& document, Scratch& scratch,
                           std::vector<OrderKey>& keys);

}  // namespace miroir::scatter
