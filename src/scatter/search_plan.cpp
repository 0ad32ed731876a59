#include "miroir/scatter/search_plan.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "miroir/base/hash.hpp"
#include "miroir/meili/markers.hpp"
#include "node_attributes.hpp"
#include "request_body.hpp"
#include "search_checks.hpp"

namespace miroir::scatter {
namespace {

constexpr std::uint64_t default_hits_per_page = 20;

std::uint64_t saturating_add(std::uint64_t a, std::uint64_t b) {
    const auto most = std::numeric_limits<std::uint64_t>::max();
    return a > most - b ? most : a + b;
}

std::uint64_t saturating_multiply(std::uint64_t a, std::uint64_t b) {
    const auto most = std::numeric_limits<std::uint64_t>::max();
    return b != 0 && a > most / b ? most : a * b;
}

void add_optional(RequestBody& body, std::string_view key, const std::optional<std::string>& json) {
    if (json) {
        body.raw(key, *json);
    }
}

void add_matching(RequestBody& body, const meili::SearchQuery& query) {
    if (query.q) {
        body.text("q", *query.q);
    }
    if (query.matching_strategy != meili::MatchingStrategy::last) {
        body.text("matchingStrategy",
                  query.matching_strategy == meili::MatchingStrategy::all ? "all" : "frequency");
    }
    if (query.attributes_to_search_on) {
        body.list("attributesToSearchOn", *query.attributes_to_search_on);
    }
    add_optional(body, "rankingScoreThreshold", query.ranking_score_threshold_json);
    if (query.locales) {
        body.list("locales", *query.locales);
    }
    if (query.sort) {
        body.list("sort", *query.sort);
    }
    add_optional(body, "hybrid", query.hybrid_json);
    add_optional(body, "vector", query.vector_json);
    add_optional(body, "media", query.media_json);
    if (query.retrieve_vectors) {
        body.raw("retrieveVectors", "true");
    }
    if (query.show_performance_details) {
        body.raw("showPerformanceDetails", "true");
    }
}

void add_formatting(RequestBody& body, const meili::SearchQuery& query, const NodeAttributes& attributes) {
    if (attributes.retrieve) {
        body.list("attributesToRetrieve", *attributes.retrieve);
    }
    if (!attributes.highlight.empty()) {
        body.list("attributesToHighlight", attributes.highlight);
        body.text("highlightPreTag", query.highlight_pre_tag);
        body.text("highlightPostTag", query.highlight_post_tag);
    }
    if (!attributes.crop.empty()) {
        body.list("attributesToCrop", attributes.crop);
        body.raw("cropLength", std::to_string(query.crop_length));
        body.text("cropMarker", query.crop_marker);
    }
    if (query.show_matches_position) {
        body.raw("showMatchesPosition", "true");
    }
}

void add_facets(RequestBody& body, NodeSearch& search) {
    auto facets = search.query.facets.value_or(std::vector<std::string>{});
    const bool keyword = !search.query.hybrid_json && !search.query.vector_json;
    if (search.distinct && search.query.page_mode() && keyword) {
        const auto selects = [&](const std::string& p) { return selects_facet(p, *search.distinct); };
        if (std::none_of(facets.begin(), facets.end(), selects)) {
            facets.push_back(*search.distinct);
            search.distinct_facet_added = true;
        }
    }
    if (!facets.empty()) {
        body.list("facets", facets);
    }
    if (search.distinct) {
        body.text("distinct", *search.distinct);
    }
}

}  // namespace

Window window_of(const meili::SearchQuery& query, const ClientSettings& settings) {
    Window window;
    if (query.page_mode()) {
        const auto size = query.hits_per_page.value_or(default_hits_per_page);
        const auto page = query.page.value_or(1);
        window.last = std::min(saturating_multiply(page, size), settings.max_total_hits);
        window.first = page == 0 ? 0 : std::min(saturating_multiply(page - 1, size), window.last);
        window.needed = window.last;
        return window;
    }
    window.last = std::min(saturating_add(query.offset, query.limit), settings.max_total_hits);
    window.first = std::min(query.offset, window.last);
    // Totals of a limited search depend on how far it looked only through these two.
    const bool looks = query.distinct || settings.distinct || query.ranking_score_threshold_json;
    window.needed = window.first < window.last || looks ? window.last : 0;
    return window;
}

Result<NodeSearch> node_search(meili::SearchQuery query, SearchContext context) {
    auto filter = fused_filter(query.filter_json, "invalid_search_filter", context.rules);
    if (!filter) {
        return filter.error();
    }
    const auto& settings = *context.settings;
    if (auto checked = check_against_settings(query, filter.value(), context.index, settings); !checked) {
        return checked.error();
    }

    NodeSearch search;
    search.index = std::move(context.index);
    search.settings = context.settings;
    search.window = window_of(query, settings);
    search.distinct = query.distinct ? query.distinct : settings.distinct;
    search.hides_vectors = !settings.displays("_vectors");
    search.node_values_per_facet = context.node_values_per_facet;
    const auto attributes = node_attributes(query, settings, search.distinct);
    search.retrieved = attributes.retrieved;
    search.formatted = attributes.formatted;
    search.query = std::move(query);

    RequestBody body;
    add_matching(body, search.query);
    add_formatting(body, search.query, attributes);
    add_facets(body, search);
    body.raw("showRankingScore", "true");
    body.raw("showRankingScoreDetails", "true");
    body.open_filter(filter.value());
    search.filter = std::move(filter).value();
    search.prefix = body.take();
    return search;
}

std::string NodeSearch::body_for(const std::vector<ShardId>& shards, std::uint64_t hits) const {
    std::string body;
    body.reserve(prefix.size() + 64 + shards.size() * 20);
    body = prefix;
    meili::append_json_string(body, meili::shard_filter_clause(shards));
    body += query.page_mode() ? "],\"page\":1,\"hitsPerPage\":" : "],\"offset\":0,\"limit\":";
    body += std::to_string(hits) + "}";
    return body;
}

bool NodeSearch::can_recount() const {
    return !distinct && !query.ranking_score_threshold_json && !query.hybrid_json && !query.vector_json;
}

std::string NodeSearch::recount_body_for(const std::vector<ShardId>& shards,
                                         const UncertainFacet& uncertain) const {
    RequestBody body;
    add_matching(body, query);
    body.list("facets", {uncertain.facet});
    body.raw("limit", "0");
    body.open_filter(filter);
    meili::Filter only;
    only.root.emplace().kind = meili::FilterNode::Kind::in;
    only.root->attribute.text = uncertain.facet;
    for (const auto& value : uncertain.values) {
        only.root->values.push_back({value, {}});
    }
    auto text = body.take();
    meili::append_json_string(text, meili::canonical(only));
    text += ',';
    meili::append_json_string(text, meili::shard_filter_clause(shards));
    return text + "]}";
}

// The number of the leading hits that lie in the shards is binomially distributed: three standard deviations
// and a little more.
std::uint64_t NodeSearch::first_fetch(std::size_t shards, std::size_t all) const {
    if (shards >= all || distinct || query.ranking_score_threshold_json || query.hybrid_json ||
        query.vector_json) {
        return window.needed;
    }
    const auto part =
        static_cast<double>(window.needed) * static_cast<double>(shards) / static_cast<double>(all);
    const auto fetch = static_cast<std::uint64_t>(std::ceil(part + 3 * std::sqrt(part))) + 2;
    return std::min(window.needed, fetch);
}

std::uint64_t NodeSearch::cover_choice() const {
    return xxh64(index.str() + '\n' + prefix);
}

}  // namespace miroir::scatter
