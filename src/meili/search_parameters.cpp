#include <array>

#include "miroir/meili/error.hpp"
#include "miroir/meili/json_text.hpp"
#include "miroir/meili/query_reader.hpp"
#include "miroir/meili/search_query.hpp"
#include "search_values.hpp"

namespace miroir::meili {
namespace {

// The parameters that a query string spells differently from a body.
struct FlatParameters {
    std::optional<std::string> filter;
    std::optional<std::string> sort;
    std::optional<std::string> hybrid_embedder;
    std::optional<std::string> hybrid_semantic_ratio;
    std::optional<std::string> user_context;
};

std::vector<Field> parameter_fields(SearchQuery& query, FlatParameters& flat) {
    return {
        field("q", "invalid_search_q", query.q),
        field<read_query_unsigned>("offset", "invalid_search_offset", query.offset),
        field<read_query_unsigned>("limit", "invalid_search_limit", query.limit),
        field<read_query_optional_unsigned>("page", "invalid_search_page", query.page),
        field<read_query_optional_unsigned>("hitsPerPage", "invalid_search_hits_per_page",
                                            query.hits_per_page),
        field<read_query_list>("attributesToRetrieve", "invalid_search_attributes_to_retrieve",
                               query.attributes_to_retrieve),
        field<read_query_list>("attributesToCrop", "invalid_search_attributes_to_crop",
                               query.attributes_to_crop),
        field<read_query_unsigned>("cropLength", "invalid_search_crop_length", query.crop_length),
        field("cropMarker", "invalid_search_crop_marker", query.crop_marker),
        field<read_query_list>("attributesToHighlight", "invalid_search_attributes_to_highlight",
                               query.attributes_to_highlight),
        field("highlightPreTag", "invalid_search_highlight_pre_tag", query.highlight_pre_tag),
        field("highlightPostTag", "invalid_search_highlight_post_tag", query.highlight_post_tag),
        field<read_query_boolean>("showMatchesPosition", "invalid_search_show_matches_position",
                                  query.show_matches_position),
        field("filter", "invalid_search_filter", flat.filter),
        field("sort", "invalid_search_sort", flat.sort),
        field("distinct", "invalid_search_distinct", query.distinct),
        field<read_query_list>("facets", "invalid_search_facets", query.facets),
        field<read_matching_strategy>("matchingStrategy", "invalid_search_matching_strategy",
                                      query.matching_strategy),
        field<read_query_list>("attributesToSearchOn", "invalid_search_attributes_to_search_on",
                               query.attributes_to_search_on),
        field<read_query_score_threshold>("rankingScoreThreshold", "invalid_search_ranking_score_threshold",
                                          query.ranking_score_threshold_json),
        field<read_query_locales>("locales", "invalid_search_locales", query.locales),
        field("hybridEmbedder", "invalid_search_embedder", flat.hybrid_embedder),
        field<read_query_semantic_ratio>("hybridSemanticRatio", "invalid_search_semantic_ratio",
                                         flat.hybrid_semantic_ratio),
        field<read_query_vector>("vector", "invalid_search_vector", query.vector_json),
        field<read_query_boolean>("retrieveVectors", "invalid_search_retrieve_vectors",
                                  query.retrieve_vectors),
        field("personalizeUserContext", "invalid_search_personalize_user_context", flat.user_context),
        field<read_query_optional_boolean>("useNetwork", "invalid_search_use_network", query.use_network),
        field<read_query_boolean>("showRankingScore", "invalid_search_show_ranking_score",
                                  query.show_ranking_score),
        field<read_query_boolean>("showRankingScoreDetails", "invalid_search_show_ranking_score_details",
                                  query.show_ranking_score_details),
        field<read_query_boolean>("showPerformanceDetails", "invalid_search_show_performance_details",
                                  query.show_performance_details),
    };
}

Result<void> unflatten(const FlatParameters& flat, SearchQuery& query) {
    if (flat.filter) {
        query.filter_json = filter_text_to_json(*flat.filter);
    }
    if (flat.sort) {
        query.sort = split_sort(*flat.sort);
    }
    if (flat.hybrid_semantic_ratio && !flat.hybrid_embedder) {
        return error("invalid_search_hybrid_query",
                     "`hybridEmbedder` is mandatory when `hybridSemanticRatio` is present");
    }
    if (query.vector_json && !flat.hybrid_embedder) {
        return error("missing_search_hybrid", "`hybridEmbedder` is mandatory when `vector` is present");
    }
    if (flat.hybrid_embedder) {
        query.hybrid_json = R"({"embedder":)" + json_string(*flat.hybrid_embedder) + R"(,"semanticRatio":)" +
                            flat.hybrid_semantic_ratio.value_or("0.5") + "}";
    }
    if (flat.user_context) {
        query.personalize_json = R"({"userContext":)" + json_string(*flat.user_context) + "}";
    }
    return ok();
}

}  // namespace

Result<SearchQuery> parse_search(const QueryParameters& parameters) {
    SearchQuery query;
    FlatParameters flat;
    auto done = read_parameters(parameters, parameter_fields(query, flat));
    if (done) {
        done = unflatten(flat, query);
    }
    if (!done) {
        return done.error();
    }
    return query;
}

Result<FilterParameter> parse_filter_parameter(std::string_view filter_json, std::string_view code) {
    const auto parsed = parse_json(filter_json);
    if (!parsed) {
        return error("internal", "unreadable filter: " + parsed.error().text());
    }
    const auto refuse = [&](std::string_view expected, const JsonValue& found) {
        return error(code, "Invalid syntax for the filter parameter: `expected " + std::string(expected) +
                               ", found: " + print(found) + "`.");
    };
    const JsonValue& filter = parsed.value();
    FilterParameter out;
    if (filter.kind == JsonKind::string) {
        out.all_of.push_back({filter.string});
        return out;
    }
    if (filter.kind != JsonKind::array) {
        return refuse("String, Array", filter);
    }
    for (const JsonValue& element : filter.items) {
        if (element.kind == JsonKind::string) {
            out.all_of.push_back({element.string});
            continue;
        }
        if (element.kind != JsonKind::array) {
            return refuse("String, [String]", element);
        }
        auto& any_of = out.all_of.emplace_back();
        for (const JsonValue& alternative : element.items) {
            if (alternative.kind != JsonKind::string) {
                return refuse("String", alternative);
            }
            any_of.push_back(alternative.string);
        }
    }
    return out;
}

}  // namespace miroir::meili
