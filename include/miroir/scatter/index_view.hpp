#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace miroir::scatter {

// Names that only miroir writes; no client sees them.
inline constexpr std::string_view reserved_prefix = "_miroir_";
inline bool is_reserved(std::string_view name) { return name.starts_with(reserved_prefix); }

enum class FacetOrder { alpha, count };

struct FilterableRule {
    // One plain name, which also covers what is nested below it; else patterns with `*`.
    bool plain = true;
    std::vector<std::string> patterns;
    // Any filter operator is allowed.
    bool filterable = true;

    bool covers(std::string_view field) const;
    // Either of rule and pattern covers the other, in whole or in part.
    bool meets(std::string_view facet_pattern) const;
};

// What the client's settings of an index say about reading. Nodes are more permissive, so miroir enforces
// these itself. Made once per settings version.
struct ClientSettings {
    // Without value: everything is displayed.
    std::optional<std::vector<std::string>> displayed;
    std::vector<FilterableRule> filterable;
    std::set<std::string, std::less<>> sortable;
    std::vector<std::string> ranking_rules;
    std::optional<std::string> distinct;
    std::uint64_t max_values_per_facet = 100;
    FacetOrder default_facet_order = FacetOrder::alpha;
    std::map<std::string, FacetOrder, std::less<>> facet_order;
    std::uint64_t max_total_hits = 1000;

    // By exact name, as the engine does: `a.b` is hidden by ["a"].
    bool displays(std::string_view name) const;
    // The first rule that covers the field decides.
    bool is_filterable(std::string_view field) const;
    std::optional<std::size_t> rule_of(std::string_view field) const;
    // Of all rules that allow filtering, sorted.
    std::set<std::string> filterable_patterns() const;
    FacetOrder order_of(std::string_view facet) const;
    // Whether a value found at dotted path `leaf` belongs to a displayed attribute.
    bool displays_leaf(std::string_view leaf) const;
};

// `settings_json`: the canonical settings of the catalog. Keys that are missing keep Meilisearch's defaults.
ClientSettings client_settings(std::string_view settings_json);

// `field` is `parent` or nested below it.
bool is_nested_in(std::string_view field, std::string_view parent);
// Whether a pattern of a `facets` list selects the field.
bool facet_pattern_selects(std::string_view pattern, std::string_view field);

}  // namespace miroir::scatter
