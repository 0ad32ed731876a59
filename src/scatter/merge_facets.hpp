#pragma once

#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "miroir/scatter/merge_search.hpp"
#include "node_hits.hpp"

namespace miroir::scatter {

inline bool asks_facets(const NodeSearch& search) {
    return search.query.facets && !search.query.facets->empty();
}

// Facet distributions and statistics of all nodes as one.
class MergedFacets {
public:
    explicit MergedFacets(const NodeSearch& search) : search_(search) {}

    // Both as a node printed them. False when they are malformed.
    bool add_distribution(std::size_t node, std::string_view json);
    bool add_stats(std::string_view json);

    // Counts of values that were asked for by name, as a node printed them: they count where its list lacks
    // the value. False when they are malformed.
    bool recount(std::size_t node, const UncertainFacet& asked, std::string_view json);

    // A hit that was dropped as a duplicate no longer counts.
    void forget(std::string_view hit);

    // Number of groups over all nodes by the facet of the distinct attribute, and how many the nodes counted
    // together. False when a node may have cut its list.
    bool count_groups(std::size_t& groups, std::size_t& counted) const;

    // `"facetDistribution":{..},"facetStats":{..}`. `candidates`: the merged total, which decides whether
    // numbers are in the order of their texts.
    void write(std::string& out, std::uint64_t candidates) const;

    std::vector<UncertainFacet> uncertain() const;

private:
    struct Value {
        std::string spelling;
        std::string normal;
        double number = 0;
        bool numeric = false;
        std::uint64_t count = 0;
        // Bit per node that has said how often it has the value.
        std::uint64_t nodes = 0;

        bool is_known_of(std::size_t node) const { return node < 64 && (nodes >> node & 1) != 0; }
        void know_of(std::size_t node) { nodes |= node < 64 ? std::uint64_t{1} << node : 0; }
    };
    struct Facet {
        std::vector<Value> values;
        std::unordered_map<std::string, std::size_t> by_normal;
        // Per node: how many values it gave and the smallest count among them.
        std::map<std::size_t, std::pair<std::size_t, std::uint64_t>> given;
        bool shown = false;
    };
    struct Stats {
        double min = 0;
        double max = 0;
        std::string min_text;
        std::string max_text;
    };

    bool add_values(std::size_t node, Facet& facet, std::string_view json);
    void add_value(std::size_t node, Facet& facet, std::string key, std::uint64_t count, bool& texts_began);
    static void forget_value(Facet& facet, std::string_view scalar);
    bool asks_for(std::string_view facet) const;
    bool shows(std::string_view facet) const;
    FacetOrder order_of(std::string_view facet) const;
    void write_facet(std::string& out, const std::string& name, const Facet& facet,
                     bool numbers_as_text) const;
    std::vector<const Value*> ordered(const std::string& name, const Facet& facet,
                                      bool numbers_as_text) const;
    bool is_cut(std::size_t given) const {
        return search_.node_values_per_facet > 0 && given >= search_.node_values_per_facet;
    }

    const NodeSearch& search_;
    std::map<std::string, Facet, std::less<>> facets_;
    std::map<std::string, Stats, std::less<>> stats_;
};

}  // namespace miroir::scatter
