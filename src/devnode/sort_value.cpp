#include "devnode/sort_value.hpp"

#include <algorithm>

#include "miroir/meili/facet_value.hpp"

namespace miroir::devnode {

namespace {

Score geo_score(const RankingStep& step, const Document& document) {
    Score out;
    out.value = Score::Value::missing;
    if (const auto point = geo_point_of(document.tree)) {
        out.value = Score::Value::point;
        out.latitude = point->latitude;
        out.longitude = point->longitude;
        out.number = meili::distance_between({step.latitude, step.longitude}, *point);
    }
    return out;
}

int compare(double left, double right) {
    return left < right ? -1 : left > right ? 1 : 0;
}

}  // namespace

Score sort_score(const RankingStep& step, const Document& document) {
    if (step.rule == Rule::geo_sort) {
        return geo_score(step, document);
    }
    Score out;
    out.value = Score::Value::missing;
    for (const JsonValue* value : values_at(document.tree, step.field)) {
        if (value->kind == JsonKind::number) {
            const double number = to_double(value->number);
            const bool better = step.ascending ? number < out.number : number > out.number;
            if (out.value != Score::Value::number || better) {
                out.number = number;
            }
            out.value = Score::Value::number;
        } else if (value->kind != JsonKind::null && out.value != Score::Value::number) {
            auto text = meili::stored_facet(scalar_text(*value));
            if (text.empty()) {
                continue;
            }
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

}  // namespace miroir::devnode
