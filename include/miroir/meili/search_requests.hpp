#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "miroir/base/result.hpp"
#include "miroir/meili/search_query.hpp"

// What the routes around search take. Members named as in SearchQuery mean the same.
namespace miroir::meili {

// Fields it does not know are accepted: clients send whole search bodies.
struct FacetSearchQuery {
    std::string facet_name;
    std::optional<std::string> facet_query;
    std::optional<std::string> q;
    std::optional<std::string> vector_json;
    std::optional<std::string> media_json;
    std::optional<std::string> hybrid_json;
    std::optional<std::string> filter_json;
    MatchingStrategy matching_strategy = MatchingStrategy::last;
    std::optional<std::vector<std::string>> attributes_to_search_on;
    std::optional<std::string> ranking_score_threshold_json;
    std::optional<std::vector<std::string>> locales;
    std::optional<bool> exhaustive_facet_count;
    std::optional<bool> use_network;
};
Result<FacetSearchQuery> parse_facet_search(std::string_view body);

struct SimilarQuery {
    // As JSON, of any kind: it is judged after the embedder.
    std::string id_json;
    std::string embedder;
    std::uint64_t offset = 0;
    std::uint64_t limit = 20;
    std::optional<std::string> filter_json;
    std::optional<std::vector<std::string>> attributes_to_retrieve;
    bool retrieve_vectors = false;
    bool show_ranking_score = false;
    bool show_ranking_score_details = false;
    bool show_performance_details = false;
    std::optional<std::string> ranking_score_threshold_json;
};
Result<SimilarQuery> parse_similar(std::string_view body);
Result<SimilarQuery> parse_similar(const QueryParameters& parameters);

struct FieldsFilter {
    std::optional<std::vector<std::string>> attribute_patterns;
    std::optional<bool> displayed;
    std::optional<bool> searchable;
    std::optional<bool> sortable;
    std::optional<bool> distinct;
    std::optional<bool> ranking_rule;
    std::optional<bool> filterable;
};
// POST /indexes/{uid}/fields
struct FieldsQuery {
    std::uint64_t offset = 0;
    std::uint64_t limit = 20;
    std::optional<FieldsFilter> filter;
};
Result<FieldsQuery> parse_fields_query(std::string_view body);

}  // namespace miroir::meili
