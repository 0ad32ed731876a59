#include "miroir/meili/search_consistency.hpp"

#include "miroir/meili/error.hpp"
#include "miroir/meili/json_text.hpp"

namespace miroir::meili {
namespace {

ApiError network_is_off(std::string_view action) {
    return error("feature_not_enabled", std::string(action) +
                                            " requires enabling the `network` experimental feature. See "
                                            "https://github.com/orgs/meilisearch/discussions/805");
}

std::string_view paging_parameter(const IndexedSearchQuery& query) {
    if (query.offset_given) return "offset";
    if (query.limit_given) return "limit";
    if (query.query.page) return "page";
    if (query.query.hits_per_page) return "hitsPerPage";
    return {};
}

ApiError paging_refused(std::string_view parameter) {
    return error("invalid_multi_search_query_pagination",
                 "Using pagination options is not allowed in federated queries.\n - Hint: remove `" +
                     std::string(parameter) +
                     "` from the query or remove `federation` from the request\n - Hint: pass "
                     "`federation.limit` and `federation.offset` for pagination in federated search");
}

ApiError facets_refused(const IndexedSearchQuery& query) {
    std::string list;
    for (const std::string& facet : *query.query.facets) {
        list += list.empty() ? "" : ", ";
        list += debug_string(facet);
    }
    return error(
        "invalid_multi_search_query_facets",
        "Using facet options is not allowed in federated queries.\n - Hint: remove `facets` from the "
        "query or remove `federation` from the request\n - Hint: pass `federation.facetsByIndex." +
            query.index_uid + ": [" + list + "]` for facets in federated search");
}

ApiError personalize_refused() {
    return error(
        "invalid_multi_search_query_personalization",
        "Using `.personalize` is not allowed in federated queries.\n - Hint: remove `personalize` from "
        "the query or remove `federation` from the request\n - Hint: pass `federation.personalize` for "
        "personalization in federated search");
}

ApiError remote_and_network_refused() {
    return error(
        "invalid_multi_search_federation_options",
        "Using `.useNetwork` is not allowed as the same time as `.federationOptions.remote`.\n  - Hint: "
        "to perform an explicit query against a remote, remove `.useNetwork`.\n  - Hint: to "
        "automatically perform queries against the entire network, remove "
        "`.federationOptions.remote`.");
}

ApiError performance_details_refused() {
    return error("invalid_multi_search_query_show_performance_details",
                 "Using `.showPerformanceDetails` is not allowed in federated queries.\n - Hint: remove "
                 "`showPerformanceDetails` from the query or remove `federation` from the request");
}

ApiError distinct_refused() {
    return error(
        "invalid_multi_search_distinct",
        "Using `distinct` options is not allowed in federated queries when it also appears in "
        "`.federation.distinct`.\n - Hint: remove `distinct` from the query or remove `federation` "
        "from the request\n  - Note: `distinct` at the query level is discouraged in federated search.");
}

}  // namespace

Result<void> check_use_network(std::optional<bool> use_network) {
    if (use_network) {
        return network_is_off("passing `useNetwork` in a search query");
    }
    return ok();
}

Result<void> check_vectors(const SearchQuery& query) {
    if (query.media_json && query.vector_json) {
        return error("invalid_search_media_and_vector",
                     "Invalid request: both `media` and `vector` parameters are present.");
    }
    if ((query.media_json || query.vector_json) && !query.hybrid_json) {
        return error("missing_search_hybrid",
                     "Invalid request: missing `hybrid` parameter when `vector` or `media` are present.");
    }
    return ok();
}

ApiError personalization_is_off() {
    return error("feature_not_enabled",
                 "reranking search results requires enabling the `personalization` experimental feature. See "
                 "https://github.com/orgs/meilisearch/discussions/866");
}

Result<void> check_in_federation(const IndexedSearchQuery& query, const Federation& federation) {
    const std::string_view paging = paging_parameter(query);
    if (!paging.empty()) {
        return paging_refused(paging);
    }
    if (query.query.facets && !query.query.facets->empty()) {
        return facets_refused(query);
    }
    if (query.query.personalize_json) {
        return personalize_refused();
    }
    const bool remote = query.federation_options && query.federation_options->remote;
    if (remote && query.query.use_network == true) {
        return remote_and_network_refused();
    }
    if (query.performance_details_given) {
        return performance_details_refused();
    }
    if (query.query.distinct && federation.distinct) {
        return distinct_refused();
    }
    if (auto done = check_use_network(query.query.use_network); !done) {
        return done;
    }
    if (remote) {
        return network_is_off("Performing a remote federated search");
    }
    if (query.federation_options && query.federation_options->query_position) {
        return network_is_off("Using `federationOptions.queryPosition`");
    }
    return ok();
}

Result<void> check_outside_federation(const IndexedSearchQuery& query) {
    if (query.federation_options) {
        return error("invalid_multi_search_federation_options",
                     "Using `federationOptions` is not allowed in a non-federated search.\n - Hint: remove "
                     "`federationOptions` from the query or add `federation` to the request.");
    }
    return check_use_network(query.query.use_network);
}

ApiError inside_query(std::size_t index, ApiError error) {
    error.message.insert(0, "Inside `.queries[" + std::to_string(index) + "]`: ");
    return error;
}

}  // namespace miroir::meili
