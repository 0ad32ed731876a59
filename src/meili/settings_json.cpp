#include "settings_json.hpp"

#include <array>

#include "settings_embedders.hpp"

namespace miroir::meili {
namespace {

constexpr std::array<SettingsRoute, 22> routes = {{
    {"displayed-attributes", "displayedAttributes"},
    {"searchable-attributes", "searchableAttributes"},
    {"filterable-attributes", "filterableAttributes"},
    {"sortable-attributes", "sortableAttributes"},
    {"foreign-keys", "foreignKeys"},
    {"ranking-rules", "rankingRules"},
    {"stop-words", "stopWords"},
    {"non-separator-tokens", "nonSeparatorTokens"},
    {"separator-tokens", "separatorTokens"},
    {"dictionary", "dictionary"},
    {"synonyms", "synonyms"},
    {"distinct-attribute", "distinctAttribute"},
    {"proximity-precision", "proximityPrecision"},
    {"typo-tolerance", "typoTolerance", true},
    {"faceting", "faceting", true},
    {"pagination", "pagination", true},
    {"embedders", "embedders", true},
    {"search-cutoff-ms", "searchCutoffMs"},
    {"localized-attributes", "localizedAttributes"},
    {"facet-search", "facetSearch"},
    {"prefix-search", "prefixSearch"},
    {"chat", "chat", true},
}};

template <class T>
Json to_json_value(const T& value) {
    return Json(value);
}

Json to_json_value(const FilterableRule& rule) {
    return filterable_rule_json(rule);
}

Json to_json_value(const LocalizedRule& rule) {
    Json json = Json::object();
    json["attributePatterns"] = rule.attribute_patterns;
    json["locales"] = rule.locales;
    return json;
}

template <class T>
void add(Json& out, const char* key, const Setting<T>& setting) {
    if (setting.is_set()) out[key] = to_json_value(setting.value);
    if (setting.is_reset()) out[key] = nullptr;
}

template <class T>
void add(Json& out, const char* key, const Setting<std::vector<T>>& setting) {
    if (setting.is_reset()) out[key] = nullptr;
    if (!setting.is_set()) return;
    out[key] = Json::array();
    for (const auto& item : setting.value) out[key].push_back(to_json_value(item));
}

void add_text(Json& out, const char* key, const Setting<std::string>& json) {
    if (json.is_set()) out[key] = Json::parse(json.value, nullptr, false);
    if (json.is_reset()) out[key] = nullptr;
}

Json to_json_value(const TypoSizes& sizes) {
    Json json = Json::object();
    add(json, "oneTypo", sizes.one_typo);
    add(json, "twoTypos", sizes.two_typos);
    return json;
}

Json to_json_value(const TypoTolerance& typos) {
    Json json = Json::object();
    add(json, "enabled", typos.enabled);
    if (typos.min_word_size_for_typos.is_set()) {
        json["minWordSizeForTypos"] = to_json_value(typos.min_word_size_for_typos.value);
    } else if (typos.min_word_size_for_typos.is_reset()) {
        json["minWordSizeForTypos"] = nullptr;
    }
    add(json, "disableOnWords", typos.disable_on_words);
    add(json, "disableOnAttributes", typos.disable_on_attributes);
    add(json, "disableOnNumbers", typos.disable_on_numbers);
    return json;
}

Json to_json_value(const Faceting& faceting) {
    Json json = Json::object();
    add(json, "maxValuesPerFacet", faceting.max_values_per_facet);
    add(json, "sortFacetValuesBy", faceting.sort_facet_values_by);
    return json;
}

Json to_json_value(const Pagination& pagination) {
    Json json = Json::object();
    add(json, "maxTotalHits", pagination.max_total_hits);
    return json;
}

template <class T>
void add_object(Json& out, const char* key, const Setting<T>& setting) {
    if (setting.is_set()) out[key] = to_json_value(setting.value);
    if (setting.is_reset()) out[key] = nullptr;
}

void add_embedders(Json& out, const Setting<std::map<std::string, Setting<std::string>>>& embedders) {
    if (embedders.is_reset()) out["embedders"] = nullptr;
    if (!embedders.is_set()) return;
    out["embedders"] = Json::object();
    for (const auto& [name, embedder] : embedders.value) {
        out["embedders"][name] = embedder.is_set() ? Json::parse(embedder.value, nullptr, false) : Json();
    }
}

}  // namespace

std::span<const SettingsRoute> settings_routes() {
    return routes;
}

Json filterable_rule_json(const FilterableRule& rule) {
    if (!rule.is_object) return rule.patterns.front();
    Json json = Json::object();
    json["attributePatterns"] = rule.patterns;
    auto& features = json["features"];
    features["facetSearch"] = rule.facet_search;
    features["filter"]["equality"] = rule.equality;
    features["filter"]["comparison"] = rule.comparison;
    return json;
}

Json change_object(const Settings& change) {
    Json out = Json::object();
    add(out, "displayedAttributes", change.displayed_attributes);
    add(out, "searchableAttributes", change.searchable_attributes);
    add(out, "filterableAttributes", change.filterable_attributes);
    add(out, "sortableAttributes", change.sortable_attributes);
    add_text(out, "foreignKeys", change.foreign_keys);
    add(out, "rankingRules", change.ranking_rules);
    add(out, "stopWords", change.stop_words);
    add(out, "nonSeparatorTokens", change.non_separator_tokens);
    add(out, "separatorTokens", change.separator_tokens);
    add(out, "dictionary", change.dictionary);
    add(out, "synonyms", change.synonyms);
    add(out, "distinctAttribute", change.distinct_attribute);
    add(out, "proximityPrecision", change.proximity_precision);
    add_object(out, "typoTolerance", change.typo_tolerance);
    add_object(out, "faceting", change.faceting);
    add_object(out, "pagination", change.pagination);
    add_embedders(out, change.embedders);
    add(out, "searchCutoffMs", change.search_cutoff_ms);
    add(out, "localizedAttributes", change.localized_attributes);
    add(out, "facetSearch", change.facet_search);
    add(out, "prefixSearch", change.prefix_search);
    add_text(out, "chat", change.chat);
    return out;
}

std::string change_json(const Settings& change) {
    return change_object(change).dump();
}

std::string task_details_json(const Settings& change) {
    auto out = change_object(change);
    // Resets of these two are printed as what they lead to.
    for (const auto* key : {"displayedAttributes", "searchableAttributes"}) {
        if (out.contains(key) && out[key].is_null()) out[key] = Json::array({"*"});
    }
    if (out.contains("embedders")) redact_api_keys(out["embedders"]);
    return out.dump();
}

}  // namespace miroir::meili
