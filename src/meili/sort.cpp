#include "miroir/meili/sort.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "filter_characters.hpp"
#include "filter_geo_range.hpp"
#include "miroir/meili/attribute_pattern.hpp"
#include "miroir/meili/error.hpp"
#include "miroir/meili/facet_value.hpp"
#include "sort_syntax.hpp"

namespace miroir::meili {
namespace {

constexpr std::array<std::string_view, 7> reserved = {
    "_geo", "_geojson", "_geoDistance", "_geoPoint", "_geoRadius", "_geoBoundingBox", "_geoPolygon"};
constexpr std::array<std::string_view, 4> reserved_calls = {"_geoRadius(", "_geoBoundingBox(", "_geo(",
                                                            "_geoDistance("};

std::string_view trimmed(std::string_view text) {
    while (!text.empty()) {
        std::size_t end = 0;
        if (!is_white_space(next_character(text, end))) break;
        text.remove_prefix(end);
    }
    while (!text.empty()) {
        auto start = text.size() - 1;
        while (start > 0 && (static_cast<unsigned char>(text[start]) & 0xC0) == 0x80) --start;
        if (!is_blank_text(text.substr(start))) break;
        text = text.substr(0, start);
    }
    return text;
}

SortFault reserved_name(std::string_view name) {
    return {SortFault::Kind::reserved, std::string(name), 0};
}

Result<SortExpression, SortFault> parse_point(std::string_view name) {
    constexpr std::string_view start = "_geoPoint(";
    const auto inside = name.substr(start.size(), name.size() - start.size() - 1);
    const auto comma = inside.find(',');
    if (comma == std::string_view::npos) return reserved_name(name);
    const auto latitude = parse_finite_number(trimmed(inside.substr(0, comma)));
    const auto longitude = parse_finite_number(trimmed(inside.substr(comma + 1)));
    if (!latitude || !longitude) return reserved_name(name);
    if (std::fabs(*latitude) > 90) return SortFault{SortFault::Kind::latitude, "", *latitude};
    if (std::fabs(*longitude) > 180) return SortFault{SortFault::Kind::longitude, "", *longitude};
    SortExpression expression;
    expression.point = GeoPoint{*latitude, *longitude};
    return expression;
}

std::string text_of(const SortFault& fault) {
    switch (fault.kind) {
        case SortFault::Kind::latitude:
        case SortFault::Kind::longitude:
            return coordinate_out_of_range(fault.number, fault.kind == SortFault::Kind::latitude);
        case SortFault::Kind::syntax:
            return "Invalid syntax for the sort parameter: expected expression ending by `:asc` or `:desc`, "
                   "found `" +
                   fault.name + "`.";
        case SortFault::Kind::reserved:
            break;
    }
    constexpr std::string_view use_point =
        " Use the _geoPoint(latitude, longitude) built-in rule to sort on _geo field coordinates.";
    const auto refused = [](std::string_view name) {
        return "`" + std::string(name) +
               "` is a reserved keyword and thus can't be used as a sort expression.";
    };
    const auto& name = fault.name;
    if (name.starts_with("_geoPoint")) {
        return "Invalid syntax for the geo parameter: expected expression formated like `_geoPoint(latitude, "
               "longitude)` and ending by `:asc` or `:desc`, found `" +
               name + "`.";
    }
    if (name == "_geo") return refused(name) + std::string(use_point);
    for (const std::string_view filter : {"_geoRadius", "_geoBoundingBox"}) {
        if (name.starts_with(filter)) return refused(filter) + std::string(use_point);
    }
    return refused(name);
}

ApiError not_sortable(std::string_view attribute, const SortableAttributes& attributes,
                      std::string_view code) {
    std::string names;
    std::size_t shown = 0;
    for (const auto& name : attributes.sortable) {
        if (attributes.displayed && attributes.displayed->count(name) == 0) continue;
        names += shown++ == 0 ? "" : ", ";
        names += name;
    }
    const auto refused = "Attribute `" + std::string(attribute) + "` is not sortable. ";
    if (shown == 0) {
        return error(code, refused + "This index does not have configured sortable attributes.");
    }
    const bool hidden = shown < attributes.sortable.size();
    return error(code, refused + "Available sortable attributes are: `" + names +
                           (hidden ? ", <..hidden-attributes>" : "") + "`.");
}

}  // namespace

Result<SortExpression, SortFault> parse_sort_expression(std::string_view text) {
    const auto colon = text.rfind(':');
    const auto order = colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
    if (order != "asc" && order != "desc") return SortFault{SortFault::Kind::syntax, std::string(text), 0};
    const auto name = text.substr(0, colon);
    SortExpression expression;
    if (name.starts_with("_geoPoint(") && name.ends_with(')')) {
        auto point = parse_point(name);
        if (!point) return point;
        expression = std::move(point).value();
    } else {
        const auto starts_name = [&](std::string_view call) { return name.starts_with(call); };
        if (std::ranges::find(reserved, name) != reserved.end() ||
            std::ranges::any_of(reserved_calls, starts_name)) {
            return reserved_name(name);
        }
        expression.attribute = name;
    }
    expression.ascending = order == "asc";
    return expression;
}

Result<SortExpression> parse_sort(std::string_view text, std::string_view code) {
    auto expression = parse_sort_expression(text);
    if (!expression) return error(code, text_of(expression.error()));
    return std::move(expression).value();
}

Result<std::vector<SortExpression>> parse_sort(std::span<const std::string> texts, std::string_view code) {
    std::vector<SortExpression> all;
    for (const auto& text : texts) {
        auto expression = parse_sort(text, code);
        if (!expression) return std::move(expression).error();
        all.push_back(std::move(expression).value());
    }
    return all;
}

bool SortableAttributes::contains(std::string_view attribute) const {
    return std::ranges::any_of(sortable, [&](const std::string& name) { return is_inside(attribute, name); });
}

Result<void> check_sortable(std::span<const SortExpression> sort, const SortableAttributes& attributes,
                            std::string_view code) {
    for (const auto& expression : sort) {
        if (expression.point) {
            if (attributes.sortable.count("_geo") == 0) return not_sortable("_geo", attributes, code);
        } else if (!attributes.contains(expression.attribute)) {
            return not_sortable(expression.attribute, attributes, code);
        }
    }
    return ok();
}

}  // namespace miroir::meili
