#include "miroir/scatter/index_view.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace miroir::scatter {
namespace {

using Json = nlohmann::json;

enum class Match { none, parent, whole };

Match match_pattern(std::string_view pattern, std::string_view text) {
    const bool open_start = pattern.starts_with('*');
    const bool open_end = pattern.ends_with('*');
    bool whole = false;
    if (pattern == "*") {
        return Match::whole;
    }
    if (open_start && open_end) {
        whole = text.find(pattern.substr(1, pattern.size() - 2)) != std::string_view::npos;
    } else if (open_start) {
        whole = text.ends_with(pattern.substr(1));
    } else if (open_end) {
        whole = text.starts_with(pattern.substr(0, pattern.size() - 1));
    } else {
        whole = pattern == text;
    }
    if (whole) {
        return Match::whole;
    }
    return is_nested_in(pattern, text) ? Match::parent : Match::none;
}

bool meet(std::string_view a, std::string_view b) {
    return match_pattern(a, b) != Match::none || match_pattern(b, a) != Match::none;
}

std::vector<std::string> texts(const Json& list) {
    std::vector<std::string> out;
    if (list.is_array()) {
        for (const auto& item : list) {
            if (item.is_string()) {
                out.push_back(item.get<std::string>());
            }
        }
    }
    return out;
}

FilterableRule filterable_rule(const Json& item) {
    FilterableRule rule;
    if (item.is_string()) {
        rule.patterns.push_back(item.get<std::string>());
        return rule;
    }
    rule.plain = false;
    rule.patterns = texts(item.value("attributePatterns", Json::array()));
    const auto features = item.value("features", Json::object());
    const auto filter = features.value("filter", Json::object());
    rule.filterable = filter.value("equality", true) || filter.value("comparison", false);
    return rule;
}

FacetOrder facet_order(const Json& value) { return value == "count" ? FacetOrder::count : FacetOrder::alpha; }

void read_faceting(const Json& faceting, ClientSettings& out) {
    out.max_values_per_facet = faceting.value("maxValuesPerFacet", std::uint64_t{100});
    for (const auto& [name, order] : faceting.value("sortFacetValuesBy", Json::object()).items()) {
        if (name == "*") {
            out.default_facet_order = facet_order(order);
        } else {
            out.facet_order.emplace(name, facet_order(order));
        }
    }
}

void read_displayed(const Json& list, ClientSettings& out) {
    auto names = texts(list);
    if (std::find(names.begin(), names.end(), "*") == names.end()) {
        out.displayed = std::move(names);
    }
}

}  // namespace

bool is_nested_in(std::string_view field, std::string_view parent) {
    return field.starts_with(parent) && (field.size() == parent.size() || field[parent.size()] == '.');
}

bool facet_pattern_selects(std::string_view pattern, std::string_view field) {
    return match_pattern(pattern, field) == Match::whole;
}

bool FilterableRule::covers(std::string_view field) const {
    return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
        return plain ? is_nested_in(field, pattern) : match_pattern(pattern, field) == Match::whole;
    });
}

bool FilterableRule::meets(std::string_view facet_pattern) const {
    return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
        if (!plain) {
            return meet(pattern, facet_pattern);
        }
        return is_nested_in(pattern, facet_pattern) || is_nested_in(facet_pattern, pattern) ||
               match_pattern(facet_pattern, pattern) != Match::none;
    });
}

bool ClientSettings::displays(std::string_view name) const {
    return !displayed || std::find(displayed->begin(), displayed->end(), name) != displayed->end();
}

bool ClientSettings::displays_leaf(std::string_view leaf) const {
    return !displayed || std::any_of(displayed->begin(), displayed->end(),
                                     [&](const std::string& name) { return is_nested_in(leaf, name); });
}

std::optional<std::size_t> ClientSettings::rule_of(std::string_view field) const {
    for (std::size_t i = 0; i < filterable.size(); ++i) {
        if (filterable[i].covers(field)) {
            return i;
        }
    }
    return std::nullopt;
}

bool ClientSettings::is_filterable(std::string_view field) const {
    const auto rule = rule_of(field);
    return rule && filterable[*rule].filterable;
}

std::set<std::string> ClientSettings::filterable_patterns() const {
    std::set<std::string> out;
    for (const auto& rule : filterable) {
        if (rule.filterable) {
            out.insert(rule.patterns.begin(), rule.patterns.end());
        }
    }
    return out;
}

FacetOrder ClientSettings::order_of(std::string_view facet) const {
    const auto found = facet_order.find(facet);
    return found == facet_order.end() ? default_facet_order : found->second;
}

ClientSettings client_settings(std::string_view settings_json) {
    ClientSettings out;
    const auto json = Json::parse(settings_json, nullptr, false);
    if (!json.is_object()) {
        return out;
    }
    if (json.contains("displayedAttributes") && json["displayedAttributes"].is_array()) {
        read_displayed(json["displayedAttributes"], out);
    }
    for (const auto& item : json.value("filterableAttributes", Json::array())) {
        out.filterable.push_back(filterable_rule(item));
    }
    for (auto& name : texts(json.value("sortableAttributes", Json::array()))) {
        out.sortable.insert(std::move(name));
    }
    out.ranking_rules = {"words", "typo", "proximity", "attributeRank", "sort", "wordPosition", "exactness"};
    if (json.contains("rankingRules")) {
        out.ranking_rules = texts(json["rankingRules"]);
    }
    if (json.contains("distinctAttribute") && json["distinctAttribute"].is_string()) {
        out.distinct = json["distinctAttribute"].get<std::string>();
    }
    if (json.contains("faceting") && json["faceting"].is_object()) {
        read_faceting(json["faceting"], out);
    }
    if (json.contains("pagination") && json["pagination"].is_object()) {
        out.max_total_hits = json["pagination"].value("maxTotalHits", std::uint64_t{1000});
    }
    return out;
}

}  // namespace miroir::scatter
