#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "miroir/base/ids.hpp"
#include "miroir/base/result.hpp"
#include "miroir/meili/search_query.hpp"
#include "miroir/scatter/index_view.hpp"

namespace miroir::scatter {

// Which part of the merged list the client gets: [first, last), cut at the client's maxTotalHits.
struct Window {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    // How many leading hits decide about the window and its totals; what each node is asked for at most.
    std::uint64_t needed = 0;
    friend bool operator==(const Window&, const Window&) = default;
};

Window window_of(const meili::SearchQuery& query, const ClientSettings& settings);

struct SearchContext {
    LogicalIndexUid index;
    std::shared_ptr<const ClientSettings> settings;
    // Filters of the grant (tenant token rules); all of them must hold besides the client's.
    std::vector<meili::FilterParameter> rules;
    // The nodes' maxValuesPerFacet: a facet with that many values may have been cut there.
    std::uint64_t node_values_per_facet = 0;
};

// The attributes that a client sees of a document: what was asked for, within what is displayed.
struct Selection {
    // Without value: all of them.
    std::optional<std::vector<std::string>> names;
    // Nodes were asked for more than `names`, so each document must be cut down to it.
    bool narrower_than_node = false;
};

// Values of a facet ordered by count whose counts a node may have cut off, those that may be greatest first;
// without those that a filter may not be able to name.
struct UncertainFacet {
    std::string facet;
    std::vector<std::string> values;
};

// One search as every node of a cover is asked for it, and what its merge has to know.
struct NodeSearch {
    LogicalIndexUid index;
    std::shared_ptr<const ClientSettings> settings;
    meili::SearchQuery query;
    Window window;
    Selection retrieved;
    Selection formatted;
    // Of the query or, without one, of the settings.
    std::optional<std::string> distinct;
    // The distinct attribute was added to `facets`, to count groups exactly.
    bool distinct_facet_added = false;
    bool hides_vectors = false;
    std::uint64_t node_values_per_facet = 0;
    // The client's filter and the rules together.
    meili::FilterParameter filter;
    // The body up to and without the filter's closing bracket and the paging.
    std::string prefix;

    // A body that asks for the leading `hits` among `shards`.
    std::string body_for(const std::vector<ShardId>& shards, std::uint64_t hits) const;
    std::string body_for(const std::vector<ShardId>& shards) const { return body_for(shards, window.needed); }

    // Whether the counts of named facet values can be asked for: a filter by them changes no other count.
    bool can_recount() const;
    // A body that asks for the counts of these values among `shards`.
    std::string recount_body_for(const std::vector<ShardId>& shards, const UncertainFacet& uncertain) const;

    // How many hits to ask a node for at first that is read for `shards` of the index's `all` shards, when
    // its list may be fetched again: an equal part and some slack. `window.needed` when asking for less could
    // change the totals.
    std::uint64_t first_fetch(std::size_t shards, std::size_t all) const;

    // Equal for all pages of one query: makes them go to the same copies.
    std::uint64_t cover_choice() const;
};

// Refuses what a node, being more permissive than the client's settings, would accept.
Result<NodeSearch> node_search(meili::SearchQuery query, SearchContext context);

}  // namespace miroir::scatter
