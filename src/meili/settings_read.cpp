#include <array>

#include "locale_choice.hpp"
#include "miroir/meili/body_reader.hpp"
#include "miroir/meili/error.hpp"
#include "miroir/meili/ranking_rules.hpp"
#include "miroir/meili/settings.hpp"
#include "settings_checks.hpp"
#include "settings_embedders.hpp"

namespace miroir::meili {
namespace {

// Null resets; anything else is read by `Read`.
template <auto Read, class T>
Result<void> read_setting(const Place& place, Setting<T>& out) {
    if (place.value.is_null()) {
        out = Setting<T>::to_default();
        return ok();
    }
    out = Setting<T>(T{});
    return Read(place, out.value);
}

template <class T>
Result<void> read_plain(const Place& place, T& out) {
    return read(place, out);
}

Result<void> read_set(const Place& place, NameSet& out) {
    NameList names;
    auto done = read(place, names);
    out.insert(names.begin(), names.end());
    return done;
}

template <auto ReadElement, class T>
Result<void> read_list(const Place& place, std::vector<T>& out) {
    if (place.value.kind != JsonKind::array) return wrong_kind(place, {Expected::array});
    for (std::size_t i = 0; i < place.value.items.size(); ++i) {
        auto done = ReadElement(place.element(i, place.value.items[i]), out.emplace_back());
        if (!done) return done;
    }
    return ok();
}

template <auto ReadValue, class T>
Result<void> read_map(const Place& place, std::map<std::string, T>& out) {
    if (place.value.kind != JsonKind::object) return wrong_kind(place, {Expected::object});
    for (const auto& [key, value] : place.value.members) {
        auto done = ReadValue(place.member(key, value, place.code), out[key]);
        if (!done) return done;
    }
    return ok();
}

template <const auto& Names>
Result<void> read_name_of(const Place& place, std::string& out) {
    const auto chosen = read_choice(place, Names);
    if (!chosen) return chosen.error();
    out = Names[chosen.value()];
    return ok();
}

constexpr std::array<std::string_view, 2> proximity_precisions = {"byWord", "byAttribute"};
constexpr std::array<std::string_view, 2> prefix_searches = {"indexingTime", "disabled"};
constexpr std::array<std::string_view, 2> facet_orders = {"alpha", "count"};

Result<void> read_filter_features(const Place& place, FilterableRule& out) {
    const std::array fields = {
        field("equality", place.code, out.equality),
        field("comparison", place.code, out.comparison),
    };
    return read_object(place, fields);
}

Result<void> read_rule_features(const Place& place, FilterableRule& out) {
    const std::array fields = {
        field("facetSearch", place.code, out.facet_search),
        field<read_filter_features>("filter", place.code, out),
    };
    return read_object(place, fields);
}

Result<void> read_filterable_rule(const Place& place, FilterableRule& out) {
    if (place.value.kind != JsonKind::object) return read(place, out.patterns.emplace_back());
    out.is_object = true;
    out.facet_search = false;
    out.comparison = false;
    const std::array fields = {
        field("attributePatterns", place.code, out.patterns).required(),
        field<read_rule_features>("features", place.code, out),
    };
    return read_object(place, fields);
}

Result<void> read_ranking_rule(const Place& place, std::string& out) {
    auto done = read(place, out);
    if (!done) return done;
    const auto problem = ranking_rule_problem(out);
    if (problem) return invalid_value(place, *problem);
    return ok();
}

Result<void> read_typo_sizes(const Place& place, TypoSizes& out) {
    using Size = std::uint8_t;
    const std::array fields = {
        field<read_setting<read_plain<Size>, Size>>("oneTypo", place.code, out.one_typo),
        field<read_setting<read_plain<Size>, Size>>("twoTypos", place.code, out.two_typos),
    };
    auto done = read_object(place, fields);
    if (!done) return done;
    const bool both = out.one_typo.is_set() && out.two_typos.is_set();
    if (!both || out.one_typo.value <= out.two_typos.value) return ok();
    return invalid_value(place, typo_sizes_problem(out.one_typo.value, out.two_typos.value));
}

Result<void> read_typo_tolerance(const Place& place, TypoTolerance& out) {
    const std::array fields = {
        field<read_setting<read_plain<bool>, bool>>("enabled", place.code, out.enabled),
        field<read_setting<read_typo_sizes, TypoSizes>>("minWordSizeForTypos", place.code,
                                                        out.min_word_size_for_typos),
        field<read_setting<read_set, NameSet>>("disableOnWords", place.code, out.disable_on_words),
        field<read_setting<read_set, NameSet>>("disableOnAttributes", place.code, out.disable_on_attributes),
        field<read_setting<read_plain<bool>, bool>>("disableOnNumbers", place.code, out.disable_on_numbers),
    };
    return read_object(place, fields);
}

using FacetOrders = std::map<std::string, std::string>;

Result<void> read_faceting(const Place& place, Faceting& out) {
    using Count = std::uint64_t;
    const std::array fields = {
        field<read_setting<read_plain<Count>, Count>>("maxValuesPerFacet", place.code,
                                                      out.max_values_per_facet),
        field<read_setting<read_map<read_name_of<facet_orders>, std::string>, FacetOrders>>(
            "sortFacetValuesBy", place.code, out.sort_facet_values_by),
    };
    return read_object(place, fields);
}

Result<void> read_non_zero(const Place& place, std::uint64_t& out) {
    auto done = read(place, out);
    if (!done || out != 0) return done;
    return invalid_value(place,
                         "a non-zero integer value lower than `18446744073709551615` was expected, but "
                         "found a zero");
}

Result<void> read_pagination(const Place& place, Pagination& out) {
    const std::array fields = {
        field<read_setting<read_non_zero, std::uint64_t>>("maxTotalHits", place.code, out.max_total_hits),
    };
    return read_object(place, fields);
}

Result<void> read_locale(const Place& place, std::string& out) {
    const auto chosen = read_choice(place, locale_choices());
    if (!chosen) return chosen.error();
    out = locale_choices()[chosen.value()];
    return ok();
}

Result<void> read_localized_rule(const Place& place, LocalizedRule& out) {
    const std::array fields = {
        field("attributePatterns", place.code, out.attribute_patterns).required(),
        field<read_list<read_locale, std::string>>("locales", place.code, out.locales).required(),
    };
    return read_object(place, fields);
}

Result<void> read_foreign_key(const Place& place, std::pair<std::string, std::string>& out) {
    const std::array fields = {
        field("foreignIndexUid", place.code, out.first).required(),
        field("fieldName", place.code, out.second).required(),
    };
    return read_object(place, fields);
}

Result<void> read_foreign_keys(const Place& place, std::string& out) {
    std::vector<std::pair<std::string, std::string>> keys;
    auto done = read_list<read_foreign_key>(place, keys);
    out = print(place.value);
    return done;
}

Result<void> read_chat(const Place& place, std::string& out) {
    if (place.value.kind != JsonKind::object) return wrong_kind(place, {Expected::object});
    out = print(place.value);
    return ok();
}

template <auto Read, class T>
Field setting(std::string_view name, std::string_view code, Setting<T>& target) {
    return field<read_setting<Read, T>>(name, code, target);
}

using Embedders = std::map<std::string, Setting<std::string>>;

std::array<Field, 22> fields_of(Settings& out) {
    using Rules = std::vector<FilterableRule>;
    constexpr auto names = read_plain<NameList>;
    constexpr auto text = read_plain<std::string>;
    return {
        setting<names>("displayedAttributes", "invalid_settings_displayed_attributes",
                       out.displayed_attributes),
        setting<names>("searchableAttributes", "invalid_settings_searchable_attributes",
                       out.searchable_attributes),
        setting<read_list<read_filterable_rule, Rules::value_type>>(
            "filterableAttributes", "invalid_settings_filterable_attributes", out.filterable_attributes),
        setting<read_set>("sortableAttributes", "invalid_settings_sortable_attributes",
                          out.sortable_attributes),
        setting<read_foreign_keys>("foreignKeys", "invalid_settings_foreign_keys", out.foreign_keys),
        setting<read_list<read_ranking_rule, std::string>>("rankingRules", "invalid_settings_ranking_rules",
                                                           out.ranking_rules),
        setting<read_set>("stopWords", "invalid_settings_stop_words", out.stop_words),
        setting<read_set>("nonSeparatorTokens", "invalid_settings_non_separator_tokens",
                          out.non_separator_tokens),
        setting<read_set>("separatorTokens", "invalid_settings_separator_tokens", out.separator_tokens),
        setting<read_set>("dictionary", "invalid_settings_dictionary", out.dictionary),
        setting<read_map<names, NameList>>("synonyms", "invalid_settings_synonyms", out.synonyms),
        setting<text>("distinctAttribute", "invalid_settings_distinct_attribute", out.distinct_attribute),
        setting<read_name_of<proximity_precisions>>(
            "proximityPrecision", "invalid_settings_proximity_precision", out.proximity_precision),
        setting<read_typo_tolerance>("typoTolerance", "invalid_settings_typo_tolerance", out.typo_tolerance),
        setting<read_faceting>("faceting", "invalid_settings_faceting", out.faceting),
        setting<read_pagination>("pagination", "invalid_settings_pagination", out.pagination),
        setting<read_map<read_embedder, Setting<std::string>>>("embedders", "invalid_settings_embedders",
                                                               out.embedders),
        setting<read_plain<std::uint64_t>>("searchCutoffMs", "invalid_settings_search_cutoff_ms",
                                           out.search_cutoff_ms),
        setting<read_list<read_localized_rule, LocalizedRule>>(
            "localizedAttributes", "invalid_settings_localized_attributes", out.localized_attributes),
        setting<read_plain<bool>>("facetSearch", "invalid_settings_facet_search", out.facet_search),
        setting<read_name_of<prefix_searches>>("prefixSearch", "invalid_settings_prefix_search",
                                               out.prefix_search),
        setting<read_chat>("chat", "invalid_settings_index_chat", out.chat),
    };
}

Result<Settings> validated(Settings settings) {
    if (settings.ranking_rules.is_set() && mixes_attribute_rules(settings.ranking_rules.value)) {
        return error(
            "invalid_settings_ranking_rules",
            "Mixed usage of the attribute, attributeRank, and wordPosition ranking rules. You must "
            "either use the attribute ranking rule alone or the attributeRank and wordPosition ranking "
            "rules.");
    }
    return settings;
}

}  // namespace

Result<Settings> parse_settings(std::string_view body) {
    const auto json = parse_body(body);
    if (!json) return json.error();
    Settings settings;
    const auto fields = fields_of(settings);
    const auto done = read_object(Place{.value = json.value()}, fields);
    if (!done) return done.error();
    return validated(std::move(settings));
}

Result<Settings> parse_sub_setting(std::string_view key, std::string_view body) {
    const auto json = parse_body(body);
    if (!json) return json.error();
    Settings settings;
    for (const auto& field : fields_of(settings)) {
        if (field.name != key) continue;
        const auto done = field.read(Place{.value = json.value(), .code = field.code}, field.target);
        if (!done) return done.error();
    }
    return validated(std::move(settings));
}

Settings reset_settings() {
    Settings settings;
    const JsonValue null;
    for (const auto& field : fields_of(settings)) {
        // Null is accepted by every setting.
        static_cast<void>(field.read(Place{.value = null}, field.target));
    }
    return settings;
}

Settings reset_setting(std::string_view key) {
    auto parsed = parse_sub_setting(key, "null");
    return parsed ? std::move(parsed).value() : Settings{};
}

Result<void> check_features(const Settings& change, const SettingsFeatures& features) {
    const auto require = [](bool on, std::string_view action, std::string_view feature,
                            int link) -> Result<void> {
        if (on) return ok();
        return error("feature_not_enabled", std::string(action) + " requires enabling the `" +
                                                std::string(feature) +
                                                "` experimental feature. See "
                                                "https://github.com/orgs/meilisearch/discussions/" +
                                                std::to_string(link));
    };
    for (const auto& [name, embedder] : change.embedders.value) {
        for (const auto& use : embedder_feature_uses(embedder.value)) {
            auto done = use.multimodal
                            ? require(features.multimodal, use.action, "multimodal", 846)
                            : require(features.composite_embedders, use.action, "composite embedders", 816);
            if (!done) return done;
        }
    }
    if (change.chat.is_set()) {
        auto done = require(features.chat_completions, "setting `chat` in the index settings",
                            "chat completions", 835);
        if (!done) return done;
    }
    if (!change.foreign_keys.is_set()) return ok();
    return require(features.foreign_keys, "setting `foreignKeys` in the index settings", "foreign_keys", 873);
}

}  // namespace miroir::meili
