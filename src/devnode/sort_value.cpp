#include "devnode/sort_value.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "miroir/meili/facet_value.hpp"

namespace miroir::devnode {

namespace {

double number_of(const meili::JsonNumber& number) {
    switch (number.kind) {
        case meili::JsonNumber::Kind::positive:
            return static_cast<double>(number.positive);
        case meili::JsonNumber::Kind::negative:
            return static_cast<double>(number.negative);
        case meili::JsonNumber::Kind::real:
            break;
    }
    return number.real;
}

std::optional<double> coordinate(const JsonValue* value) {
    if (value && value->kind == JsonKind::number) {
        return number_of(value->number);
    }
    return value && value->kind == JsonKind::string ? meili::parse_finite_number(value->string)
                                                    : std::nullopt;
}

Score geo_score(const RankingStep& step, const Document& document) {
    Score out;
    out.value = Score::Value::missing;
    if (const auto point = geo_point(document.tree)) {
        out.value = Score::Value::point;
        out.latitude = point->latitude;
        out.longitude = point->longitude;
        out.number = distance_metres(step.latitude, step.longitude, point->latitude, point->longitude);
    }
    return out;
}

int compare(double left, double right) {
    return left < right ? -1 : left > right ? 1 : 0;
}

}  // namespace

std::optional<double> facet_number(const JsonValue& value) {
    return value.kind == JsonKind::number ? std::optional(number_of(value.number)) : std::nullopt;
}

Score sort_score(const RankingStep& step, const Document& document) {
    if (step.rule == Rule::geo_sort) {
        return geo_score(step, document);
    }
    Score out;
    out.value = Score::Value::missing;
    for (const JsonValue* value : values_at(document.tree, step.field)) {
        if (value->kind == JsonKind::number) {
            const double number = number_of(value->number);
            const bool better = step.ascending ? number < out.number : number > out.number;
            if (out.value != Score::Value::number || better) {
                out.number = number;
            }
            out.value = Score::Value::number;
        } else if (value->kind != JsonKind::null && out.value != Score::Value::number) {
            auto text = meili::stored_facet(scalar_text(*value));
            const bool better = step.ascending ? text < out.text : text > out.text;
            if (out.value != Score::Value::text || better) {
                out.text = std::move(text);
            }
            out.value = Score::Value::text;
        }
    }
    return out;
}

int compare_sort(const RankingStep& step, const Score& left, const Score& right) {
    const auto kind = [](const Score& score) {
        return score.value == Score::Value::missing ? 2 : score.value == Score::Value::text ? 1 : 0;
    };
    if (kind(left) != kind(right)) {
        return kind(left) - kind(right);
    }
    const int order = left.value == Score::Value::text      ? left.text.compare(right.text)
                      : left.value == Score::Value::missing ? 0
                                                            : compare(left.number, right.number);
    return step.ascending ? order : -order;
}

double distance_metres(double latitude_a, double longitude_a, double latitude_b, double longitude_b) {
    const auto radians = [](double degrees) { return degrees * (std::numbers::pi / 180.0); };
    const auto haversine = [](double angle) { return (1.0 - std::cos(angle)) / 2.0; };
    const double phi_a = radians(latitude_a);
    const double phi_b = radians(latitude_b);
    const double across =
        std::cos(phi_a) * std::cos(phi_b) * haversine(radians(longitude_b) - radians(longitude_a));
    const double total = haversine(phi_b - phi_a) + across;
    return std::round(2.0 * 6371e3 * std::asin(std::sqrt(total)) * 1000.0) / 1000.0;
}

std::optional<GeoPoint> geo_point(const JsonValue& document) {
    const JsonValue* geo = document.find("_geo");
    if (!geo) {
        return std::nullopt;
    }
    const auto latitude = coordinate(geo->find("lat"));
    const auto longitude = coordinate(geo->find("lng"));
    if (!latitude || !longitude) {
        return std::nullopt;
    }
    return GeoPoint{*latitude, *longitude};
}

}  // namespace miroir::devnode
