#pragma once

#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "miroir/base/result.hpp"
#include "miroir/meili/filter_evaluation.hpp"

namespace miroir::meili {

// `price:asc` or `_geoPoint(lat, lng):desc`.
struct SortExpression {
    // Empty for a point.
    std::string attribute;
    std::optional<GeoPoint> point;
    bool ascending = true;
};

// `code` tells the routes apart: invalid_search_sort, invalid_document_sort.
Result<SortExpression> parse_sort(std::string_view text, std::string_view code);
Result<std::vector<SortExpression>> parse_sort(std::span<const std::string> texts, std::string_view code);

// What the index allows: `sortable` in order, and what of it may be named in messages (absent: all).
struct SortableAttributes {
    std::set<std::string> sortable;
    std::optional<std::set<std::string>> displayed;

    bool contains(std::string_view attribute) const;
};

// Attribute `x` is not sortable. Available sortable attributes are: `a, b`.
Result<void> check_sortable(std::span<const SortExpression> sort, const SortableAttributes& attributes,
                            std::string_view code);

}  // namespace miroir::meili
