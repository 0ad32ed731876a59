#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "miroir/base/result.hpp"
#include "miroir/meili/attribute_pattern.hpp"
#include "miroir/meili/filter.hpp"

namespace miroir::meili {

// One entry of `filterableAttributes`: a plain name, or an object with patterns and features.
struct FilterableRule {
    std::vector<std::string> patterns;
    bool is_object = false;
    bool facet_search = true;
    bool equality = true;
    bool comparison = true;

    bool filterable() const { return equality || comparison; }
    PatternMatch match(std::string_view name) const;
    friend bool operator==(const FilterableRule&, const FilterableRule&) = default;
};

struct FilterableRules {
    struct Found {
        std::size_t index;
        const FilterableRule* rule;
    };

    std::vector<FilterableRule> rules;

    // The first rule that matches decides alone.
    std::optional<Found> find(std::string_view name) const;
    bool is_filterable(std::string_view name) const;
    // Names and patterns of the rules that allow filters or facet search, sorted.
    std::vector<std::string> filterable_patterns() const;
    std::vector<std::string> facet_searchable_patterns() const;
};

// From the JSON of the setting as a node prints it; entries that are no rule are left out.
FilterableRules parse_filterable_rules(std::string_view json);

// Whether some document ever had the attribute. The engine judges operators only for such.
using IsKnownAttribute = std::function<bool(std::string_view)>;

// What the engine says when it evaluates `filter`: attributes that are not filterable, then operators that
// the rules do not allow and geo arguments out of range. An empty `is_known` means that all are known.
// Search routes evaluate parse_filter(canonical(..)) and put "Index `uid`: " in front.
Result<void> check_filterable(const Filter& filter, const FilterableRules& rules, std::string_view code,
                              const IsKnownAttribute& is_known = {});

}  // namespace miroir::meili
