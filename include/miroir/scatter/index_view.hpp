#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "miroir/meili/filterable_rules.hpp"

namespace miroir::scatter {

enum class FacetOrder { alpha, count };

// What the client's settings of an index say about reading. Nodes are more permissive, so miroir enforces
// these itself. Made once per settings version.
struct ClientSettings {
    // Without value: everything is displayed.
    std::optional<std::vector<std::string>> displayed;
    meili::FilterableRules filterable;
    std::set<std::string, std::less<>> sortable;
    std::vector<std::string> ranking_rules;
    std::optional<std::string> distinct;
    std::uint64_t max_values_per_facet = 100;
    FacetOrder default_facet_order = FacetOrder::alpha;
    std::map<std::string, FacetOrder, std::less<>> facet_order;
    std::uint64_t max_total_hits = 1000;

    // By exact name, as the engine does: `a.b` is hidden by ["a"].
    bool displays(std::string_view name) const;
    FacetOrder order_of(std::string_view facet) const;
    // Whether a value found at dotted path `leaf` belongs to a displayed attribute.
    bool displays_leaf(std::string_view leaf) const;
};

// `settings_json`: the canonical settings of the catalog. Keys that are missing keep Meilisearch's defaults.
ClientSettings client_settings(std::string_view settings_json);

// Whether a pattern of a `facets` list selects the field.
inline bool selects_facet(std::string_view pattern, std::string_view field) {
    return meili::match_pattern(pattern, field) == meili::PatternMatch::match;
}

}  // namespace miroir::scatter
