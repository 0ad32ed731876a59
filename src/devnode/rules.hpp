#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "devnode/query_terms.hpp"
#include "miroir/meili/filterable_rules.hpp"
#include "miroir/meili/sort.hpp"

namespace miroir::devnode {

// An index's settings, and what follows from them for reading documents and queries.
struct Rules {
    // Canonical: all settings of the index.
    std::string settings_json;
    QueryRules query;
    // Empty optional: every field.
    std::optional<std::vector<std::string>> searchable;
    std::optional<std::vector<std::string>> displayed;
    std::vector<std::string> exact_attributes;
    std::vector<std::string> ranking_rules;
    meili::SortableAttributes sortable;
    meili::FilterableRules filterable;
    std::optional<std::string> distinct;
    bool proximity_by_attribute = false;
    std::uint64_t hits_max = 1000;
    std::uint64_t facet_values_max = 100;
    // By field, "*" for all others: values are ordered by count.
    std::map<std::string, bool> facet_by_count;

    // The place of a field in the searchable attributes; empty when it is not searchable.
    std::optional<std::uint16_t> attribute_rank(std::string_view path) const;
    bool exact_only(std::string_view path) const;
    std::uint16_t attribute_rank_max() const;
};

// `settings_json` is canonical.
Rules make_rules(std::string settings_json);

// Both read the same words out of every document.
bool same_words(const Rules& left, const Rules& right);

}  // namespace miroir::devnode
