#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "devnode/index.hpp"
#include "devnode/ranking.hpp"
#include "miroir/base/result.hpp"
#include "miroir/meili/filter.hpp"
#include "miroir/meili/search_query.hpp"

namespace miroir::devnode {

// A search whose parameters fit the index.
struct CheckedSearch {
    meili::Filter filter;
    std::vector<SortCriterion> sort;
    // Fields to search in; empty optional: all.
    std::optional<std::set<FieldNumber>> fields;
    std::optional<std::string> distinct;
    // Fields to count.
    std::vector<std::string> facets;
    std::optional<double> score_min;
};

Result<CheckedSearch> check_search(const Index& index, const meili::SearchQuery& query,
                                   const meili::FilterFeatures& features);

// `code` tells the routes apart: invalid_search_sort, invalid_document_sort.
Result<std::vector<SortCriterion>> check_sort(const Index& index, const std::vector<std::string>& sort,
                                              std::string_view code);

}  // namespace miroir::devnode
