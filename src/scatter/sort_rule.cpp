#include "sort_rule.hpp"

#include <algorithm>
#include <array>

#include "miroir/meili/facet_value.hpp"

namespace miroir::scatter {
namespace {

constexpr std::array<std::string_view, 7> reserved_words = {
    "_geo", "_geojson", "_geoDistance", "_geoPoint", "_geoRadius", "_geoBoundingBox", "_geoPolygon"};
constexpr std::array<std::string_view, 4> reserved_calls = {"_geoRadius(", "_geoBoundingBox(", "_geo(",
                                                            "_geoDistance("};

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::optional<GeoTarget> parse_point(std::string_view text) {
    const auto comma = text.find(',');
    if (comma == std::string_view::npos) {
        return std::nullopt;
    }
    const auto lat = meili::parse_finite_number(trimmed(text.substr(0, comma)));
    const auto lng = meili::parse_finite_number(trimmed(text.substr(comma + 1)));
    if (!lat || !lng || *lat < -90 || *lat > 90 || *lng < -180 || *lng > 180) {
        return std::nullopt;
    }
    return GeoTarget{*lat, *lng};
}

}  // namespace

std::optional<SortRule> parse_sort_rule(std::string_view text) {
    SortRule rule;
    if (text.ends_with(":asc")) {
        text.remove_suffix(4);
    } else if (text.ends_with(":desc")) {
        text.remove_suffix(5);
        rule.ascending = false;
    } else {
        return std::nullopt;
    }
    constexpr std::string_view point_call = "_geoPoint(";
    if (text.starts_with(point_call) && text.ends_with(')')) {
        text.remove_prefix(point_call.size());
        text.remove_suffix(1);
        rule.geo = parse_point(text);
        return rule.geo ? std::optional(std::move(rule)) : std::nullopt;
    }
    const auto starts_text = [&](std::string_view call) { return text.starts_with(call); };
    if (std::find(reserved_words.begin(), reserved_words.end(), text) != reserved_words.end() ||
        std::any_of(reserved_calls.begin(), reserved_calls.end(), starts_text)) {
        return std::nullopt;
    }
    rule.field = text;
    return rule;
}

}  // namespace miroir::scatter
