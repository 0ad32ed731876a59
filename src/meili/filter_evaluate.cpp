#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "miroir/meili/facet_value.hpp"
#include "miroir/meili/filter_evaluation.hpp"

namespace miroir::meili {
namespace {

using Node = FilterNode;

template <class T>
bool compares(const T& value, FilterOperator op, const T& bound) {
    switch (op) {
        case FilterOperator::less:
            return value < bound;
        case FilterOperator::less_or_equal:
            return value <= bound;
        case FilterOperator::greater:
            return value > bound;
        default:
            return value >= bound;
    }
}

// Texts are always compared, numbers when the bound is one.
bool any_compares(const FacetValues& values, FilterOperator op, const std::string& bound) {
    const auto text = normalize_facet(bound);
    const auto matches_text = [&](const std::string& value) { return compares(value, op, text); };
    if (std::ranges::any_of(values.texts, matches_text)) return true;
    const auto number = parse_finite_number(bound);
    const auto matches_number = [&](double value) { return compares(value, op, *number); };
    return number && std::ranges::any_of(values.numbers, matches_number);
}

bool any_between(const FacetValues& values, const std::string& from, const std::string& to) {
    const auto first = normalize_facet(from);
    const auto last = normalize_facet(to);
    const auto text_inside = [&](const std::string& value) { return first <= value && value <= last; };
    if (std::ranges::any_of(values.texts, text_inside)) return true;
    const auto low = parse_finite_number(from);
    const auto high = parse_finite_number(to);
    const auto number_inside = [&](double value) { return *low <= value && value <= *high; };
    return low && high && std::ranges::any_of(values.numbers, number_inside);
}

bool any_equals(const FacetValues& values, const std::string& wanted) {
    if (std::ranges::find(values.texts, normalize_facet(wanted)) != values.texts.end()) return true;
    const auto number = parse_finite_number(wanted);
    return number && std::ranges::find(values.numbers, *number) != values.numbers.end();
}

bool any_contains(const FacetValues& values, const std::string& part) {
    const auto wanted = normalize_facet(part);
    const auto contains = [&](const std::string& value) { return value.find(wanted) != std::string::npos; };
    return std::ranges::any_of(values.texts, contains);
}

bool any_starts_with(const FacetValues& values, const std::string& prefix) {
    const auto wanted = normalize_facet(prefix);
    if (wanted.empty()) return values.exists;
    const auto starts = [&](const std::string& value) { return value.starts_with(wanted); };
    return std::ranges::any_of(values.texts, starts);
}

bool matches_comparison(const Node& node, const DocumentView& document) {
    const auto& name = node.attribute.text;
    if (!document.is_known(name)) return false;
    const auto values = document.values(name);
    switch (node.op) {
        case FilterOperator::equal:
            return any_equals(values, node.values.front().text);
        case FilterOperator::not_equal:
            return !any_equals(values, node.values.front().text);
        case FilterOperator::between:
            return any_between(values, node.values[0].text, node.values[1].text);
        case FilterOperator::exists:
            return values.exists;
        case FilterOperator::is_null:
            return values.is_null;
        case FilterOperator::is_empty:
            return values.is_empty;
        case FilterOperator::contains:
            return any_contains(values, node.values.front().text);
        case FilterOperator::starts_with:
            return any_starts_with(values, node.values.front().text);
        default:
            return any_compares(values, node.op, node.values.front().text);
    }
}

bool matches_in(const Node& node, const DocumentView& document) {
    if (!document.is_known(node.attribute.text)) return false;
    const auto values = document.values(node.attribute.text);
    const auto equals = [&](const FilterToken& wanted) { return any_equals(values, wanted.text); };
    return std::ranges::any_of(node.values, equals);
}

double number_at(const Node& node, std::size_t index) {
    return parse_finite_number(node.values[index].text).value_or(0);
}

bool in_radius(const Node& node, const DocumentView& document) {
    const auto point = document.geo_point();
    if (!point) return false;
    const GeoPoint center{number_at(node, 0), number_at(node, 1)};
    return distance_between(center, *point) <= number_at(node, 2) + std::numeric_limits<double>::epsilon();
}

bool in_bounding_box(const Node& node, const DocumentView& document) {
    const auto point = document.geo_point();
    if (!point) return false;
    const double top = number_at(node, 0);
    const double right = number_at(node, 1);
    const double bottom = number_at(node, 2);
    const double left = number_at(node, 3);
    if (point->latitude < bottom || point->latitude > top) return false;
    const bool after_left = point->longitude >= left;
    const bool before_right = point->longitude <= right;
    // A box whose right side is west of its left side goes around the earth.
    return right < left ? after_left || before_right : after_left && before_right;
}

bool matches(const Node& node, const DocumentView& document) {
    const auto child_matches = [&](const Node& child) { return matches(child, document); };
    switch (node.kind) {
        case Node::Kind::all_of:
            return std::ranges::all_of(node.children, child_matches);
        case Node::Kind::any_of:
            return std::ranges::any_of(node.children, child_matches);
        case Node::Kind::negation:
            return !matches(node.children.front(), document);
        case Node::Kind::comparison:
            return matches_comparison(node, document);
        case Node::Kind::in:
            return matches_in(node, document);
        case Node::Kind::geo_radius:
            return in_radius(node, document);
        case Node::Kind::geo_bounding_box:
            return in_bounding_box(node, document);
        default:
            return false;
    }
}

double haversine(double angle) {
    return (1.0 - std::cos(angle)) / 2.0;
}

}  // namespace

double distance_between(const GeoPoint& a, const GeoPoint& b) {
    constexpr double earth_radius_m = 6371e3;
    constexpr double radians = std::numbers::pi / 180.0;
    const double from = a.latitude * radians;
    const double to = b.latitude * radians;
    const double turn = (b.longitude - a.longitude) * radians;
    const double chord = haversine(to - from) + std::cos(from) * std::cos(to) * haversine(turn);
    return std::round(2.0 * earth_radius_m * std::asin(std::sqrt(chord)) * 1000.0) / 1000.0;
}

bool evaluate(const Filter& filter, const DocumentView& document) {
    return filter.empty() || matches(*filter.root, document);
}

}  // namespace miroir::meili
