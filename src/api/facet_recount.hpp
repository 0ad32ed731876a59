#pragma once

#include <string>
#include <vector>

#include "miroir/scatter/merge_search.hpp"
#include "miroir/scatter/scatter.hpp"

namespace miroir::api {

// What nodes said when they were asked for the counts of one facet's uncertain values.
struct RecountedFacet {
    scatter::UncertainFacet asked;
    scatter::Scattered scattered;
};

// The counts that can be added to those of `first`: of facets for which the same nodes answered for the same
// shards. The result points into `recounted`.
std::vector<scatter::FacetRecount> usable_recounts(const std::vector<RecountedFacet>& recounted,
                                                   const scatter::Scattered& first);

}  // namespace miroir::api
