#include "miroir/meili/search_requests.hpp"

#include <array>

#include "miroir/meili/json_text.hpp"
#include "miroir/meili/query_reader.hpp"
#include "search_values.hpp"

namespace miroir::meili {
namespace {

Result<void> read(const Place& place, FieldsFilter& filter) {
    const std::array fields{
        field("attributePatterns", "invalid_index_fields_filter_attribute_patterns",
              filter.attribute_patterns),
        field("displayed", "invalid_index_fields_filter_displayed", filter.displayed),
        field("searchable", "invalid_index_fields_filter_searchable", filter.searchable),
        field("sortable", "invalid_index_fields_filter_sortable", filter.sortable),
        field("distinct", "invalid_index_fields_filter_distinct", filter.distinct),
        field("rankingRule", "invalid_index_fields_filter_ranking_rule", filter.ranking_rule),
        field("filterable", "invalid_index_fields_filter_filterable", filter.filterable),
    };
    return read_object(place, fields);
}

Result<void> read_fields_filter(const Place& place, std::optional<FieldsFilter>& out) {
    out.reset();
    return place.value.is_null() ? ok() : read(place, out.emplace());
}

}  // namespace

Result<FacetSearchQuery> parse_facet_search(std::string_view body) {
    const auto json = parse_body(body);
    if (!json) {
        return json.error();
    }
    FacetSearchQuery query;
    const std::array fields{
        field("facetQuery", "invalid_facet_search_query", query.facet_query),
        field("facetName", "invalid_facet_search_facet_name", query.facet_name)
            .required("missing_facet_search_facet_name"),
        field("q", "invalid_search_q", query.q),
        field<read_vector>("vector", "invalid_search_vector", query.vector_json),
        field<read_optional_raw>("media", "invalid_search_media", query.media_json),
        field<read_hybrid>("hybrid", "invalid_search_hybrid_query", query.hybrid_json),
        field<read_optional_raw>("filter", "invalid_search_filter", query.filter_json),
        field<read_matching_strategy>("matchingStrategy", "invalid_search_matching_strategy",
                                      query.matching_strategy),
        field("attributesToSearchOn", "invalid_search_attributes_to_search_on",
              query.attributes_to_search_on),
        field<read_score_threshold>("rankingScoreThreshold", "invalid_search_ranking_score_threshold",
                                    query.ranking_score_threshold_json),
        field<read_locales>("locales", "invalid_search_locales", query.locales),
        field("exhaustiveFacetCount", "invalid_facet_search_exhaustive_facet_count",
              query.exhaustive_facet_count),
        field("useNetwork", "invalid_search_use_network", query.use_network),
    };
    auto done = read_object(Place{.value = json.value()}, fields, ObjectRules{.ignore_unknown = true});
    if (!done) {
        return done.error();
    }
    return query;
}

Result<SimilarQuery> parse_similar(std::string_view body) {
    const auto json = parse_body(body);
    if (!json) {
        return json.error();
    }
    SimilarQuery query;
    const std::array fields{
        field<read_raw>("id", "invalid_similar_id", query.id_json).required(),
        field("offset", "invalid_similar_offset", query.offset),
        field("limit", "invalid_similar_limit", query.limit),
        field<read_optional_raw>("filter", "invalid_similar_filter", query.filter_json),
        field("embedder", "invalid_similar_embedder", query.embedder).required(),
        field("attributesToRetrieve", "invalid_similar_attributes_to_retrieve", query.attributes_to_retrieve),
        field("retrieveVectors", "invalid_similar_retrieve_vectors", query.retrieve_vectors),
        field("showRankingScore", "invalid_similar_show_ranking_score", query.show_ranking_score),
        field("showRankingScoreDetails", "invalid_similar_show_ranking_score_details",
              query.show_ranking_score_details),
        field("showPerformanceDetails", "invalid_similar_show_performance_details",
              query.show_performance_details),
        field<read_score_threshold>("rankingScoreThreshold", "invalid_similar_ranking_score_threshold",
                                    query.ranking_score_threshold_json),
    };
    auto done = read_object(Place{.value = json.value()}, fields);
    if (!done) {
        return done.error();
    }
    return query;
}

Result<SimilarQuery> parse_similar(const QueryParameters& parameters) {
    SimilarQuery query;
    std::string id;
    std::optional<std::string> filter;
    const std::array fields{
        field("id", "invalid_similar_id", id).required(),
        field("embedder", "invalid_similar_embedder", query.embedder).required(),
        field<read_query_unsigned>("offset", "invalid_similar_offset", query.offset),
        field<read_query_unsigned>("limit", "invalid_similar_limit", query.limit),
        field<read_query_list>("attributesToRetrieve", "invalid_similar_attributes_to_retrieve",
                               query.attributes_to_retrieve),
        field<read_query_boolean>("retrieveVectors", "invalid_similar_retrieve_vectors",
                                  query.retrieve_vectors),
        field("filter", "invalid_similar_filter", filter),
        field<read_query_boolean>("showRankingScore", "invalid_similar_show_ranking_score",
                                  query.show_ranking_score),
        field<read_query_boolean>("showRankingScoreDetails", "invalid_similar_show_ranking_score_details",
                                  query.show_ranking_score_details),
        field<read_query_boolean>("showPerformanceDetails", "invalid_similar_show_performance_details",
                                  query.show_performance_details),
        field<read_query_score_threshold>("rankingScoreThreshold", "invalid_similar_ranking_score_threshold",
                                          query.ranking_score_threshold_json),
    };
    auto done = read_parameters(parameters, fields);
    if (!done) {
        return done.error();
    }
    query.id_json = json_string(id);
    if (filter) {
        query.filter_json = filter_text_to_json(*filter);
    }
    return query;
}

Result<FieldsQuery> parse_fields_query(std::string_view body) {
    const auto json = parse_body(body);
    if (!json) {
        return json.error();
    }
    FieldsQuery query;
    const std::array fields{
        field("offset", "invalid_index_offset", query.offset),
        field("limit", "invalid_index_limit", query.limit),
        field<read_fields_filter>("filter", "invalid_index_fields_filter", query.filter),
    };
    auto done = read_object(Place{.value = json.value()}, fields);
    if (!done) {
        return done.error();
    }
    return query;
}

}  // namespace miroir::meili
