#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "miroir/base/result.hpp"

namespace miroir::meili {

enum class MatchingStrategy { last, all, frequency };

// A filter as the client wrote it: AND of elements, each an OR of expressions. Only `[a, [b, c]]` has two
// levels. Empty means no filter. `text` keeps the client's JSON (string or array) for relaying.
struct FilterParameter {
    std::vector<std::vector<std::string>> all_of;
    bool empty() const { return all_of.empty(); }
    friend bool operator==(const FilterParameter&, const FilterParameter&) = default;
};

// One search as Meilisearch defines it (POST body, decoded GET query, or one of a multi-search's queries).
// Defaults are Meilisearch's. Nullable parameters are optional: null and absent mean the same.
struct SearchQuery {
    std::optional<std::string> q;
    std::uint64_t offset = 0;
    std::uint64_t limit = 20;
    std::optional<std::uint64_t> page;
    std::optional<std::uint64_t> hits_per_page;
    std::optional<std::vector<std::string>> attributes_to_retrieve;
    std::optional<std::vector<std::string>> attributes_to_crop;
    std::uint64_t crop_length = 10;
    std::string crop_marker = "…";
    std::optional<std::vector<std::string>> attributes_to_highlight;
    std::string highlight_pre_tag = "<em>";
    std::string highlight_post_tag = "</em>";
    bool show_matches_position = false;
    // The filter's JSON exactly as sent; absent when null or not given. Its kind may be wrong
    // (number, object): parse_filter_parameter() says so, as late as the engine does.
    std::optional<std::string> filter_json;
    std::optional<std::vector<std::string>> sort;
    std::optional<std::string> distinct;
    std::optional<std::vector<std::string>> facets;
    MatchingStrategy matching_strategy = MatchingStrategy::last;
    std::optional<std::vector<std::string>> attributes_to_search_on;
    // Kept as text: it is relayed, never computed with.
    std::optional<std::string> ranking_score_threshold_json;
    std::optional<std::vector<std::string>> locales;
    // hybrid, vector, media, personalize as sent; absent when null or not given.
    std::optional<std::string> hybrid_json;
    std::optional<std::string> vector_json;
    std::optional<std::string> media_json;
    std::optional<std::string> personalize_json;
    bool retrieve_vectors = false;
    std::optional<bool> use_network;
    bool show_ranking_score = false;
    bool show_ranking_score_details = false;
    bool show_performance_details = false;

    // True when `page` or `hitsPerPage` was given: exhaustive counts and totalPages/totalHits.
    bool page_mode() const { return page.has_value() || hits_per_page.has_value(); }
};

struct FederationOptions {
    double weight = 1.0;
    std::optional<std::string> remote;
    std::optional<std::uint64_t> query_position;
};

struct IndexedSearchQuery {
    std::string index_uid;
    SearchQuery query;
    std::optional<FederationOptions> federation_options;
    // Whether the query itself has these: a federated search refuses them.
    bool offset_given = false;
    bool limit_given = false;
    bool performance_details_given = false;
};

// The federation object of a multi-search.
struct Federation {
    std::uint64_t limit = 20;
    std::uint64_t offset = 0;
    std::optional<std::uint64_t> page;
    std::optional<std::uint64_t> hits_per_page;
    // Index uid to its facets; null and no facets are different things to the engine.
    std::map<std::string, std::optional<std::vector<std::string>>> facets_by_index;
    bool merge_facets = false;
    // Of mergeFacets.
    std::optional<std::uint64_t> max_values_per_facet;
    std::optional<std::string> distinct;
    bool show_performance_details = false;
    std::optional<std::string> personalize_json;

    bool page_mode() const { return page.has_value() || hits_per_page.has_value(); }
};

struct MultiSearch {
    std::vector<IndexedSearchQuery> queries;
    // The federation object as sent; absent when null or not given.
    std::optional<std::string> federation_json;
    // The same, read.
    std::optional<Federation> federation;
};

// Name and value of a decoded URL query parameter, in order of appearance.
using QueryParameters = std::vector<std::pair<std::string, std::string>>;

// Percent-decodes and splits `a=b&c=d` ('+' is a space).
QueryParameters decode_query(std::string_view raw_query);

Result<SearchQuery> parse_search(std::string_view json_body);
Result<SearchQuery> parse_search(const QueryParameters& parameters);
Result<MultiSearch> parse_multi_search(std::string_view json_body);

// The client's `filter` value, or invalid_search_filter ("Invalid syntax for the filter parameter: ...").
// `code` is the error code of the route (invalid_search_filter, invalid_document_filter).
Result<FilterParameter> parse_filter_parameter(std::string_view filter_json, std::string_view code);

}  // namespace miroir::meili
