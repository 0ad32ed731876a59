#include "miroir/meili/filterable_rules.hpp"

#include <set>

#include "miroir/meili/json_value.hpp"

namespace miroir::meili {
namespace {

bool member_or(const JsonValue* object, std::string_view key, bool otherwise) {
    const auto* value = object == nullptr ? nullptr : object->find(key);
    return value != nullptr && value->kind == JsonKind::boolean ? value->boolean : otherwise;
}

FilterableRule rule_of(const JsonValue& value) {
    FilterableRule rule;
    if (value.kind == JsonKind::string) {
        rule.patterns.push_back(value.string);
        return rule;
    }
    rule.is_object = true;
    if (const auto* patterns = value.find("attributePatterns")) {
        for (const auto& pattern : patterns->items) rule.patterns.push_back(pattern.string);
    }
    const auto* features = value.find("features");
    const auto* filter = features == nullptr ? nullptr : features->find("filter");
    rule.facet_search = member_or(features, "facetSearch", false);
    rule.equality = member_or(filter, "equality", true);
    rule.comparison = member_or(filter, "comparison", false);
    return rule;
}

template <class Wanted>
std::vector<std::string> patterns_of(const std::vector<FilterableRule>& rules, const Wanted& wanted) {
    std::set<std::string> names;
    for (const auto& rule : rules) {
        if (wanted(rule)) names.insert(rule.patterns.begin(), rule.patterns.end());
    }
    return {names.begin(), names.end()};
}

}  // namespace

PatternMatch FilterableRule::match(std::string_view name) const {
    return is_object ? match_patterns(patterns, name) : match_attribute(patterns.front(), name);
}

std::optional<FilterableRules::Found> FilterableRules::find(std::string_view name) const {
    for (std::size_t i = 0; i < rules.size(); ++i) {
        if (rules[i].match(name) == PatternMatch::match) return Found{i, &rules[i]};
    }
    return std::nullopt;
}

bool FilterableRules::is_filterable(std::string_view name) const {
    const auto found = find(name);
    return found && found->rule->filterable();
}

std::vector<std::string> FilterableRules::filterable_patterns() const {
    return patterns_of(rules, [](const FilterableRule& rule) { return rule.filterable(); });
}

std::vector<std::string> FilterableRules::facet_searchable_patterns() const {
    return patterns_of(rules, [](const FilterableRule& rule) { return rule.facet_search; });
}

FilterableRules parse_filterable_rules(std::string_view json) {
    FilterableRules parsed;
    const auto value = parse_json(json);
    if (!value) return parsed;
    for (const auto& item : value.value().items) {
        if (item.kind == JsonKind::string || item.kind == JsonKind::object) {
            parsed.rules.push_back(rule_of(item));
        }
    }
    return parsed;
}

}  // namespace miroir::meili
