#pragma once

#include <cstddef>
#include <optional>

#include "miroir/base/result.hpp"
#include "miroir/meili/search_query.hpp"

// Rules between the parameters of a search. The engine applies them after the filters have been parsed.
namespace miroir::meili {

// `useNetwork` may not be used at all: miroir is the network.
Result<void> check_use_network(std::optional<bool> use_network);

// `vector` and `media` want `hybrid` and exclude each other. Comes after the index has been found.
Result<void> check_vectors(const SearchQuery& query);

// Personalisation is off. The engine says so last: once the search has succeeded.
ApiError personalization_is_off();

// What a query of a federated search may not have.
Result<void> check_in_federation(const IndexedSearchQuery& query, const Federation& federation);
// What a query of any other multi-search may not have.
Result<void> check_outside_federation(const IndexedSearchQuery& query);

// The error with "Inside `.queries[index]`: " in front of its message, as multi-search answers it.
ApiError inside_query(std::size_t index, ApiError error);

}  // namespace miroir::meili
