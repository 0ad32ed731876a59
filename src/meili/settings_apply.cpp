#include <algorithm>

#include "locale_choice.hpp"
#include "miroir/meili/error.hpp"
#include "miroir/meili/facet_value.hpp"
#include "settings_checks.hpp"
#include "settings_embedders.hpp"
#include "settings_json.hpp"

namespace miroir::meili {
namespace {

constexpr std::string_view defaults =
    R"({"displayedAttributes":["*"],"searchableAttributes":["*"],"filterableAttributes":[],)"
    R"("sortableAttributes":[],"rankingRules":["words","typo","proximity","attributeRank","sort",)"
    R"("wordPosition","exactness"],"stopWords":[],"nonSeparatorTokens":[],"separatorTokens":[],)"
    R"("dictionary":[],"synonyms":{},"distinctAttribute":null,"proximityPrecision":"byWord",)"
    R"("typoTolerance":{"enabled":true,"minWordSizeForTypos":{"oneTypo":5,"twoTypos":9},)"
    R"("disableOnWords":[],"disableOnAttributes":[],"disableOnNumbers":false},)"
    R"("faceting":{"maxValuesPerFacet":100,"sortFacetValuesBy":{"*":"alpha"}},)"
    R"("pagination":{"maxTotalHits":1000},"embedders":{},"searchCutoffMs":null,)"
    R"("localizedAttributes":null,"facetSearch":true,"prefixSearch":"indexingTime"})";

Json default_chat() {
    Json chat = Json::object();
    chat["description"] = "";
    chat["documentTemplate"] =
        "{% for field in fields %}{% if field.is_searchable and field.value != nil %}{{ field.name }}: {{ "
        "field.value }}\n{% endif %}{% endfor %}";
    chat["documentTemplateMaxBytes"] = 400;
    chat["searchParameters"] = Json::object();
    return chat;
}

// The setting that GET shows when the catalog has none.
Json default_setting(std::string_view key) {
    if (key == "foreignKeys") return Json::array();
    if (key == "chat") return default_chat();
    const auto& all = default_settings();
    const auto found = all.find(key);
    return found == all.end() ? Json() : *found;
}

// First occurrences only; a `*` anywhere means all.
Json wildcard_list(const NameList& names) {
    Json unique = Json::array();
    for (const auto& name : names) {
        if (name == "*") return Json::array({"*"});
        if (std::ranges::find(unique, Json(name)) == unique.end()) unique.push_back(name);
    }
    return unique;
}

// Objects that PATCH merges field by field: null fields return to their defaults.
void merge_fields(Json& current, const Json& change, const Json& default_value) {
    for (const auto& [field, value] : change.items()) {
        if (value.is_null()) {
            current[field] = default_value.value(field, Json());
        } else if (field == "minWordSizeForTypos") {
            merge_fields(current[field], value, default_value.value(field, Json::object()));
        } else {
            current[field] = value;
        }
    }
}

void merge_embedders(Json& current, const Json& change) {
    for (const auto& [name, embedder] : change.items()) {
        if (embedder.is_null()) {
            current.erase(name);
        } else {
            current[name] = merged_embedder(current.value(name, Json::object()), embedder);
        }
    }
    // The engine prints maps in the order of their keys.
    Json sorted = Json::object();
    std::vector<std::string> names;
    for (const auto& [name, embedder] : current.items()) names.push_back(name);
    std::ranges::sort(names);
    for (const auto& name : names) sorted[name] = current[name];
    current = std::move(sorted);
}

// Two-letter locales are stored as their three-letter twins.
std::string stored_locale(const std::string& locale) {
    const auto all = locale_choices();
    const auto pairs = (all.size() - 1) / 2;
    const auto found = std::ranges::find(all, locale);
    const auto index = static_cast<std::size_t>(found - all.begin());
    return index < pairs ? std::string(all[index + pairs]) : locale;
}

Json stored_rules(const Json& rules) {
    Json stored = rules;
    for (auto& rule : stored) {
        for (auto& locale : rule["locales"]) locale = stored_locale(locale.get<std::string>());
    }
    return stored;
}

Json stored_typos(Json typos) {
    if (!typos.contains("disableOnWords") || !typos["disableOnWords"].is_array()) return typos;
    NameSet words;
    for (const auto& word : typos["disableOnWords"]) words.insert(normalize_facet(word.get<std::string>()));
    typos["disableOnWords"] = words;
    return typos;
}

Json stored_faceting(Json faceting) {
    if (!faceting.contains("sortFacetValuesBy") || !faceting["sortFacetValuesBy"].is_object())
        return faceting;
    auto orders = faceting["sortFacetValuesBy"].get<std::map<std::string, std::string>>();
    orders.try_emplace("*", "alpha");
    faceting["sortFacetValuesBy"] = orders;
    return faceting;
}

void apply_value(Json& settings, const std::string& key, const Json& value, const Settings& change) {
    const auto reset = default_setting(key);
    if (value.is_null()) {
        settings[key] = reset;
    } else if (key == "displayedAttributes") {
        settings[key] = wildcard_list(change.displayed_attributes.value);
    } else if (key == "searchableAttributes") {
        settings[key] = wildcard_list(change.searchable_attributes.value);
    } else if (key == "typoTolerance") {
        merge_fields(settings[key], stored_typos(value), reset);
    } else if (key == "faceting") {
        merge_fields(settings[key], stored_faceting(value), reset);
    } else if (key == "pagination") {
        merge_fields(settings[key], value, reset);
    } else if (key == "chat") {
        if (!settings.contains(key)) settings[key] = reset;
        merge_fields(settings[key], value, reset);
    } else if (key == "embedders") {
        merge_embedders(settings[key], value);
    } else if (key == "localizedAttributes") {
        settings[key] = stored_rules(value);
    } else {
        settings[key] = value;
    }
}

}  // namespace

const Json& default_settings() {
    static const Json settings = Json::parse(defaults);
    return settings;
}

Json in_settings_order(const Json& settings) {
    Json ordered = Json::object();
    for (const auto& route : settings_routes()) {
        const auto found = settings.find(route.key);
        if (found != settings.end()) ordered[std::string(route.key)] = *found;
    }
    return ordered;
}

Json canonical_object(std::string_view text) {
    Json settings = default_settings();
    const auto given = Json::parse(text, nullptr, false);
    if (!given.is_object()) return settings;
    for (const auto& [key, value] : given.items()) {
        const auto reset = default_setting(key);
        if (reset.is_object() && !value.is_object()) continue;
        if (reset.is_array() && !value.is_array()) continue;
        settings[key] = value;
        if (!reset.is_object() || key == "synonyms" || key == "embedders") continue;
        for (const auto& [field, default_value] : reset.items()) {
            if (!settings[key].contains(field)) settings[key][field] = default_value;
        }
    }
    return in_settings_order(settings);
}

std::string default_settings_json() {
    return std::string(defaults);
}

std::string apply(std::string_view canonical, const Settings& change) {
    auto settings = canonical_object(canonical);
    const auto changes = change_object(change);
    for (const auto& [key, value] : changes.items()) apply_value(settings, key, value, change);
    for (const auto* optional : {"foreignKeys", "chat"}) {
        if (settings.contains(optional) && settings[optional] == default_setting(optional)) {
            settings.erase(optional);
        }
    }
    return in_settings_order(settings).dump();
}

std::string typo_sizes_problem(std::uint64_t one_typo, std::uint64_t two_typos) {
    return "`minWordSizeForTypos` setting is invalid. `oneTypo` and `twoTypos` fields should be between `0` "
           "and "
           "`255`, and `twoTypos` should be greater or equals to `oneTypo` but found `oneTypo: " +
           std::to_string(one_typo) + "` and twoTypos: " + std::to_string(two_typos) + "`.";
}

Result<void> check_applied(std::string_view canonical) {
    const auto settings = canonical_object(canonical);
    const auto& sizes = settings["typoTolerance"]["minWordSizeForTypos"];
    const auto one = sizes.value("oneTypo", std::uint64_t{5});
    const auto two = sizes.value("twoTypos", std::uint64_t{9});
    if (one <= two) return ok();
    return error("invalid_settings_typo_tolerance", typo_sizes_problem(one, two));
}

std::string shown_settings_json(std::string_view canonical, const SettingsFeatures& features) {
    auto settings = canonical_object(canonical);
    const auto show = [&](const char* key, bool on) {
        if (!on) {
            settings.erase(key);
        } else if (!settings.contains(key)) {
            settings[key] = default_setting(key);
        }
    };
    show("foreignKeys", features.foreign_keys);
    show("chat", features.chat_completions);
    redact_api_keys(settings["embedders"]);
    return in_settings_order(settings).dump();
}

std::string sub_setting_json(std::string_view canonical, std::string_view key) {
    auto settings = canonical_object(canonical);
    const auto found = settings.find(key);
    if (found == settings.end()) return default_setting(key).dump();
    if (key == "embedders") redact_api_keys(*found);
    return found->dump();
}

}  // namespace miroir::meili
