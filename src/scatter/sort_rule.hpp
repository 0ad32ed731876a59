#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace miroir::scatter {

struct GeoTarget {
    double lat = 0;
    double lng = 0;
};

// One criterion of a `sort` list.
struct SortRule {
    std::string field;
    std::optional<GeoTarget> geo;
    bool ascending = true;
};

// Empty when the engine would refuse the text.
std::optional<SortRule> parse_sort_rule(std::string_view text);

}  // namespace miroir::scatter
