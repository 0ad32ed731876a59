#include <algorithm>

#include "settings_embedders.hpp"
#include "settings_json.hpp"

namespace miroir::meili {
namespace {

constexpr std::string_view reserved_start = "_miroir_";
constexpr std::string_view tie_rule = "_miroir_version:asc";

Json rule_for(std::string_view attribute, bool comparison) {
    FilterableRule rule;
    rule.patterns.emplace_back(attribute);
    rule.is_object = true;
    rule.facet_search = false;
    rule.comparison = comparison;
    return filterable_rule_json(rule);
}

// Reserved rules come first: the first matching rule decides, and the client's may be `*`. A distinct
// attribute must be filterable; where a rule of the client forbids that, one in front of it allows it.
Json node_filterable(const Json& client, const Json& distinct) {
    Json rules = Json::array({rule_for("_miroir_shard", false), rule_for("_miroir_version", true)});
    const auto parsed = parse_filterable_rules(client.dump());
    const auto name = distinct.is_string() ? distinct.get<std::string>() : std::string();
    const bool uncovered = distinct.is_string() && !parsed.is_filterable(name);
    const bool forbidden = uncovered && parsed.find(name).has_value();
    if (forbidden) rules.push_back(rule_for(name, false));
    for (const auto& rule : client) rules.push_back(rule);
    if (uncovered && !forbidden) rules.push_back(rule_for(name, false));
    return rules;
}

bool is_reserved_rule(const Json& rule) {
    if (rule.is_string()) return rule.get_ref<const std::string&>().starts_with(reserved_start);
    if (!rule.is_object() || !rule.contains("attributePatterns")) return false;
    const auto& patterns = rule["attributePatterns"];
    const auto reserved = [](const Json& pattern) {
        return pattern.is_string() && pattern.get_ref<const std::string&>().starts_with(reserved_start);
    };
    return !patterns.empty() && std::ranges::all_of(patterns, reserved);
}

Json client_filterable(const Json& node, const Json& client, const Json& distinct) {
    if (node == node_filterable(client, distinct)) return client;
    Json rules = Json::array();
    for (const auto& rule : node) {
        if (!is_reserved_rule(rule)) rules.push_back(rule);
    }
    return rules;
}

Json without_reserved(const Json& names) {
    Json kept = Json::array();
    for (const auto& name : names) {
        const bool reserved =
            name.is_string() && name.get_ref<const std::string&>().starts_with(reserved_start);
        if (!reserved) kept.push_back(name);
    }
    return kept;
}

void raise(Json& object, const char* key, std::uint64_t least) {
    if (object.value(key, std::uint64_t{0}) < least) object[key] = least;
}

// Null removes what the previous settings had: an embedder, or a field of one whose source stays.
void remove_former(Json& embedders, const Json& former) {
    for (const auto& [name, before] : former.items()) {
        if (!embedders.contains(name)) {
            embedders[name] = nullptr;
            continue;
        }
        auto& now = embedders[name];
        if (now.value("source", Json()) != before.value("source", Json())) continue;
        for (const auto& [field, value] : before.items()) {
            if (!now.contains(field)) now[field] = nullptr;
        }
    }
}

}  // namespace

std::string node_settings_json(std::string_view client_canonical, const NodeSettingsOptions& options) {
    auto settings = canonical_object(client_canonical);
    settings["filterableAttributes"] =
        node_filterable(settings["filterableAttributes"], settings["distinctAttribute"]);
    settings["displayedAttributes"] = Json::array({"*"});
    settings["distinctAttribute"] = nullptr;
    raise(settings["faceting"], "maxValuesPerFacet", options.facet_values_min);
    raise(settings["pagination"], "maxTotalHits", options.total_hits_min);
    if (options.strict_ties) settings["rankingRules"].push_back(tie_rule);
    hide_reserved_fields(settings["embedders"]);
    if (!options.previous.empty()) {
        remove_former(settings["embedders"], canonical_object(options.previous)["embedders"]);
    }
    return settings.dump();
}

std::string client_settings_json(std::string_view node_canonical, std::string_view client_canonical) {
    auto settings = canonical_object(node_canonical);
    const auto client = canonical_object(client_canonical);
    settings["filterableAttributes"] = client_filterable(
        settings["filterableAttributes"], client["filterableAttributes"], client["distinctAttribute"]);
    for (const auto* list : {"searchableAttributes", "sortableAttributes", "rankingRules"}) {
        settings[list] = without_reserved(settings[list]);
    }
    settings["displayedAttributes"] = client["displayedAttributes"];
    settings["distinctAttribute"] = client["distinctAttribute"];
    settings["faceting"]["maxValuesPerFacet"] = client["faceting"]["maxValuesPerFacet"];
    settings["pagination"]["maxTotalHits"] = client["pagination"]["maxTotalHits"];
    restore_embedders(settings["embedders"], client["embedders"]);
    for (const auto* optional : {"foreignKeys", "chat"}) {
        if (client.contains(optional)) settings[optional] = client[optional];
        if (!client.contains(optional)) settings.erase(optional);
    }
    return in_settings_order(settings).dump();
}

}  // namespace miroir::meili
