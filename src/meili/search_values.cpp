#include "search_values.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "locale_choice.hpp"
#include "miroir/meili/error.hpp"
#include "miroir/meili/index_uid.hpp"
#include "miroir/meili/query_reader.hpp"

namespace miroir::meili {
namespace {

constexpr std::string_view bad_threshold =
    "the value of `rankingScoreThreshold` is invalid, expected a float between `0.0` and `1.0`.";
constexpr std::string_view bad_ratio =
    "the value of `semanticRatio` is invalid, expected a float between `0.0` and `1.0`.";

bool outside_unit(double value) {
    return value > 1 || value < 0;
}

std::string number_text(double value) {
    std::string out;
    append_json_double(out, value);
    return out;
}

Result<void> read_ratio(const Place& place, double& ratio) {
    auto done = read(place, ratio);
    // The engine compares a 32-bit float.
    if (done && outside_unit(static_cast<float>(ratio))) {
        return invalid_value(place, bad_ratio);
    }
    return done;
}

// What is left of a value once `check` has accepted it: its JSON, or nothing for null.
Result<void> keep_raw(const Place& place, std::optional<std::string>& out,
                      Result<void> (*check)(const Place&)) {
    out.reset();
    if (place.value.is_null()) {
        return ok();
    }
    auto done = check(place);
    if (done) {
        out.emplace(place.value.raw);
    }
    return done;
}

Result<void> check_hybrid(const Place& place) {
    double ratio = 0;
    std::string embedder;
    const std::array fields{
        field<read_ratio>("semanticRatio", "invalid_search_semantic_ratio", ratio),
        field("embedder", "invalid_search_embedder", embedder).required(),
    };
    return read_object(place.with_code("invalid_search_hybrid_query"), fields);
}

Result<void> check_personalize(const Place& place) {
    std::string context;
    const std::array fields{
        field("userContext", "invalid_search_personalize_user_context", context).required(),
    };
    return read_object(place.with_code("invalid_search_personalize"), fields);
}

Result<void> check_vector(const Place& place) {
    if (place.value.kind != JsonKind::array) {
        return wrong_kind(place, {Expected::array});
    }
    for (std::size_t i = 0; i < place.value.items.size(); ++i) {
        double number = 0;
        auto done = read(place.element(i, place.value.items[i]), number);
        if (!done) {
            return done;
        }
    }
    return ok();
}

using FacetsByIndex = std::map<std::string, std::optional<std::vector<std::string>>>;

Result<void> read_facets_by_index(const Place& place, FacetsByIndex& out) {
    if (place.value.kind != JsonKind::object) {
        return wrong_kind(place, {Expected::object});
    }
    out.clear();
    for (const JsonMember& member : place.value.members) {
        if (!is_index_uid(member.key)) {
            return invalid_value(place, "the key \"" + member.key +
                                            "\" could not be deserialized into the key type "
                                            "`meilisearch_types::index_uid::IndexUid`");
        }
        auto done = read(place.member(member.key, member.value, place.code), out[member.key]);
        if (!done) {
            return done;
        }
    }
    return ok();
}

Result<void> read_merge_facets(const Place& place, Federation& federation) {
    federation.merge_facets = !place.value.is_null();
    if (!federation.merge_facets) {
        return ok();
    }
    const std::array fields{
        field("maxValuesPerFacet", "invalid_multi_search_max_values_per_facet",
              federation.max_values_per_facet),
    };
    return read_object(place.with_code("invalid_multi_search_merge_facets"), fields);
}

Result<void> read_locale(const Place& place, std::string& out) {
    const auto index = read_choice(place, locale_choices());
    if (!index) {
        return index.error();
    }
    out = place.value.string;
    return ok();
}

}  // namespace

Result<void> read_matching_strategy(const Place& place, MatchingStrategy& out) {
    static constexpr std::array<std::string_view, 3> names{"last", "all", "frequency"};
    const auto index = read_choice(place, names);
    if (!index) {
        return index.error();
    }
    out = static_cast<MatchingStrategy>(index.value());
    return ok();
}

Result<void> read_score_threshold(const Place& place, std::optional<std::string>& out) {
    out.reset();
    if (place.value.is_null()) {
        return ok();
    }
    double threshold = 0;
    auto done = read(place, threshold);
    if (!done) {
        return done;
    }
    if (outside_unit(threshold)) {
        return invalid_value(place, bad_threshold);
    }
    out.emplace(place.value.raw);
    return ok();
}

Result<void> read_query_score_threshold(const Place& place, std::optional<std::string>& out) {
    const auto threshold = to_double(place.value.string);
    if (!threshold || outside_unit(*threshold)) {
        return invalid_value(place, bad_threshold);
    }
    out.reset();
    if (!std::isnan(*threshold)) {
        out = number_text(*threshold);
    }
    return ok();
}

Result<void> read_query_semantic_ratio(const Place& place, std::optional<std::string>& out) {
    const auto ratio = to_double(place.value.string);
    if (!ratio || outside_unit(static_cast<float>(*ratio))) {
        return invalid_value(place, bad_ratio);
    }
    out = number_text(*ratio);
    return ok();
}

Result<void> read_locales(const Place& place, std::optional<std::vector<std::string>>& out) {
    out.reset();
    if (place.value.is_null()) {
        return ok();
    }
    if (place.value.kind != JsonKind::array) {
        return wrong_kind(place, {Expected::array});
    }
    out.emplace();
    for (std::size_t i = 0; i < place.value.items.size(); ++i) {
        auto done = read_locale(place.element(i, place.value.items[i]), out->emplace_back());
        if (!done) {
            return done;
        }
    }
    return ok();
}

Result<void> read_query_locales(const Place& place, std::optional<std::vector<std::string>>& out) {
    auto locales = split_commas(place.value.string);
    for (const std::string& locale : locales) {
        if (!is_locale_choice(locale)) {
            return invalid_value(place, unsupported_locale_message(locale));
        }
    }
    out = std::move(locales);
    return ok();
}

Result<void> read_hybrid(const Place& place, std::optional<std::string>& out) {
    return keep_raw(place, out, &check_hybrid);
}

Result<void> read_vector(const Place& place, std::optional<std::string>& out) {
    return keep_raw(place, out, &check_vector);
}

Result<void> read_personalize(const Place& place, std::optional<std::string>& out) {
    return keep_raw(place, out, &check_personalize);
}

Result<void> read_federation(const Place& place, MultiSearch& out) {
    out.federation.reset();
    out.federation_json.reset();
    if (place.value.is_null()) {
        return ok();
    }
    Federation federation;
    const std::array fields{
        field("limit", "invalid_search_limit", federation.limit),
        field("offset", "invalid_search_offset", federation.offset),
        field("page", "invalid_search_page", federation.page),
        field("hitsPerPage", "invalid_search_hits_per_page", federation.hits_per_page),
        field<read_facets_by_index>("facetsByIndex", "invalid_multi_search_facets_by_index",
                                    federation.facets_by_index),
        field<read_merge_facets>("mergeFacets", "invalid_multi_search_merge_facets", federation),
        field("distinct", "invalid_search_distinct", federation.distinct),
        field("showPerformanceDetails", "invalid_search_show_performance_details",
              federation.show_performance_details),
        field<read_personalize>("personalize", "invalid_search_personalize", federation.personalize_json),
    };
    auto done = read_object(place, fields);
    if (done) {
        out.federation = std::move(federation);
        out.federation_json.emplace(place.value.raw);
    }
    return done;
}

Result<void> read_query_vector(const Place& place, std::optional<std::string>& out) {
    std::string json = "[";
    for (const std::string& item : split_commas(place.value.string)) {
        const auto number = to_double(item);
        if (!number) {
            return invalid_value(place, "invalid float literal");
        }
        json += json.size() > 1 ? "," : "";
        append_json_double(json, *number);
    }
    json += ']';
    out = std::move(json);
    return ok();
}

}  // namespace miroir::meili
