#pragma once

#include <optional>

#include "devnode/ranking.hpp"

namespace miroir::devnode {

// The value of `document` a sort by `step` looks at.
Score sort_score(const RankingStep& step, const Document& document);
// Negative when `left` comes first.
int compare_sort(const RankingStep& step, const Score& left, const Score& right);

// Empty when `value` is no number.
std::optional<double> facet_number(const JsonValue& value);

// Metres between two points on the earth.
double distance_metres(double latitude_a, double longitude_a, double latitude_b, double longitude_b);

struct GeoPoint {
    double latitude = 0;
    double longitude = 0;
};
std::optional<GeoPoint> geo_point(const JsonValue& document);

}  // namespace miroir::devnode
