#include "miroir/meili/search_query.hpp"

#include <array>

#include "miroir/meili/body_reader.hpp"
#include "miroir/meili/error.hpp"
#include "miroir/meili/index_uid.hpp"
#include "search_values.hpp"

namespace miroir::meili {
namespace {

// Numbers that a multi-search query may leave out; null counts as left out there.
struct Paging {
    std::optional<std::uint64_t> offset;
    std::optional<std::uint64_t> limit;
    std::optional<bool> show_performance_details;
};

// The fields every search has, in the order of the messages that list them.
std::vector<Field> search_fields(SearchQuery& query) {
    return {
        field("q", "invalid_search_q", query.q),
        field("offset", "invalid_search_offset", query.offset),
        field("limit", "invalid_search_limit", query.limit),
        field("page", "invalid_search_page", query.page),
        field("hitsPerPage", "invalid_search_hits_per_page", query.hits_per_page),
        field("attributesToRetrieve", "invalid_search_attributes_to_retrieve", query.attributes_to_retrieve),
        field("attributesToCrop", "invalid_search_attributes_to_crop", query.attributes_to_crop),
        field("cropLength", "invalid_search_crop_length", query.crop_length),
        field("cropMarker", "invalid_search_crop_marker", query.crop_marker),
        field("attributesToHighlight", "invalid_search_attributes_to_highlight",
              query.attributes_to_highlight),
        field("highlightPreTag", "invalid_search_highlight_pre_tag", query.highlight_pre_tag),
        field("highlightPostTag", "invalid_search_highlight_post_tag", query.highlight_post_tag),
        field("showMatchesPosition", "invalid_search_show_matches_position", query.show_matches_position),
        field<read_optional_raw>("filter", "invalid_search_filter", query.filter_json),
        field("sort", "invalid_search_sort", query.sort),
        field("distinct", "invalid_search_distinct", query.distinct),
        field("facets", "invalid_search_facets", query.facets),
        field<read_matching_strategy>("matchingStrategy", "invalid_search_matching_strategy",
                                      query.matching_strategy),
        field("attributesToSearchOn", "invalid_search_attributes_to_search_on",
              query.attributes_to_search_on),
        field<read_score_threshold>("rankingScoreThreshold", "invalid_search_ranking_score_threshold",
                                    query.ranking_score_threshold_json),
        field<read_locales>("locales", "invalid_search_locales", query.locales),
        field<read_hybrid>("hybrid", "invalid_search_hybrid_query", query.hybrid_json),
        field<read_vector>("vector", "invalid_search_vector", query.vector_json),
        field("retrieveVectors", "invalid_search_retrieve_vectors", query.retrieve_vectors),
        field<read_optional_raw>("media", "invalid_search_media", query.media_json),
        field<read_personalize>("personalize", "invalid_search_personalize", query.personalize_json),
        field("useNetwork", "invalid_search_use_network", query.use_network),
        field("showRankingScore", "invalid_search_show_ranking_score", query.show_ranking_score),
        field("showRankingScoreDetails", "invalid_search_show_ranking_score_details",
              query.show_ranking_score_details),
        field("showPerformanceDetails", "invalid_search_show_performance_details",
              query.show_performance_details),
    };
}

void replace_field(std::vector<Field>& fields, const Field& other) {
    for (Field& known : fields) {
        if (known.name == other.name) {
            known = other;
        }
    }
}

Result<void> read_weight(const Place& place, double& weight) {
    auto done = read(place, weight);
    if (done && weight < 0) {
        return invalid_value(place, "the value of `weight` is invalid, expected a positive float (>= 0.0).");
    }
    return done;
}

Result<void> read_federation_options(const Place& place, std::optional<FederationOptions>& out) {
    out.reset();
    if (place.value.is_null()) {
        return ok();
    }
    FederationOptions options;
    const std::array fields{
        field<read_weight>("weight", "invalid_multi_search_weight", options.weight),
        field("remote", "invalid_multi_search_remote", options.remote),
        field("queryPosition", "invalid_multi_search_query_position", options.query_position),
    };
    auto done = read_object(place, fields);
    if (done) {
        out = std::move(options);
    }
    return done;
}

Result<void> read_indexed_query(const Place& place, IndexedSearchQuery& out) {
    Paging paging;
    std::vector<Field> fields = search_fields(out.query);
    replace_field(fields, field("offset", "invalid_search_offset", paging.offset));
    replace_field(fields, field("limit", "invalid_search_limit", paging.limit));
    replace_field(fields, field("showPerformanceDetails", "invalid_search_show_performance_details",
                                paging.show_performance_details));
    fields.insert(
        fields.begin(),
        field<read_index_uid>("indexUid", "invalid_index_uid", out.index_uid).required("missing_index_uid"));
    fields.push_back(
        field<read_federation_options>("federationOptions", "bad_request", out.federation_options));
    auto done = read_object(place, fields);
    if (!done) {
        return done;
    }
    out.offset_given = paging.offset.has_value();
    out.limit_given = paging.limit.has_value();
    out.performance_details_given = paging.show_performance_details.has_value();
    out.query.offset = paging.offset.value_or(out.query.offset);
    out.query.limit = paging.limit.value_or(out.query.limit);
    out.query.show_performance_details = paging.show_performance_details.value_or(false);
    return done;
}

Result<void> read_queries(const Place& place, std::vector<IndexedSearchQuery>& out) {
    if (place.value.kind != JsonKind::array) {
        return wrong_kind(place, {Expected::array});
    }
    for (std::size_t i = 0; i < place.value.items.size(); ++i) {
        auto done = read_indexed_query(place.element(i, place.value.items[i]), out.emplace_back());
        if (!done) {
            return done;
        }
    }
    return ok();
}

}  // namespace

Result<SearchQuery> parse_search(std::string_view json_body) {
    const auto body = parse_body(json_body);
    if (!body) {
        return body.error();
    }
    SearchQuery query;
    auto done = read_object(Place{.value = body.value()}, search_fields(query));
    if (!done) {
        return done.error();
    }
    return query;
}

Result<MultiSearch> parse_multi_search(std::string_view json_body) {
    const auto body = parse_body(json_body);
    if (!body) {
        return body.error();
    }
    MultiSearch search;
    const std::array fields{
        field<read_queries>("queries", "bad_request", search.queries).required(),
        field<read_federation>("federation", "bad_request", search),
    };
    auto done = read_object(Place{.value = body.value()}, fields);
    if (!done) {
        return done.error();
    }
    return search;
}

}  // namespace miroir::meili
