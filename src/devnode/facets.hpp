#pragma once

#include <functional>
#include <string>
#include <vector>

#include "devnode/document.hpp"

namespace miroir::devnode {

struct FacetRequest {
    // The fields to count, in any order; names that are known and filterable.
    std::vector<std::string> fields;
    std::size_t values_max = 100;
    // Whether a field's values are ordered by their counts.
    std::function<bool(const std::string& field)> by_count;
};

struct FacetAnswer {
    // `facetDistribution` and `facetStats` as JSON.
    std::string distribution;
    std::string stats;
};

FacetAnswer count_facets(const FacetRequest& request, const std::vector<const Document*>& documents);

// The values of a field that make two documents one: numbers and texts as facets compare them.
std::vector<std::string> distinct_values(const Document& document, const std::string& field);

}  // namespace miroir::devnode
