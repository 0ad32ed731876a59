#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "miroir/base/result.hpp"
#include "miroir/meili/filterable_rules.hpp"

namespace miroir::meili {

// A setting in a request: not mentioned, null (back to the default), or a value.
template <class T>
struct Setting {
    enum class State { absent, reset, set };

    State state = State::absent;
    T value{};

    Setting() = default;
    Setting(T given) : state(State::set), value(std::move(given)) {}
    static Setting to_default() {
        Setting setting;
        setting.state = State::reset;
        return setting;
    }

    bool is_absent() const { return state == State::absent; }
    bool is_reset() const { return state == State::reset; }
    bool is_set() const { return state == State::set; }
    friend bool operator==(const Setting&, const Setting&) = default;
};

using NameList = std::vector<std::string>;
using NameSet = std::set<std::string>;

struct TypoSizes {
    Setting<std::uint8_t> one_typo;
    Setting<std::uint8_t> two_typos;
    friend bool operator==(const TypoSizes&, const TypoSizes&) = default;
};

struct TypoTolerance {
    Setting<bool> enabled;
    Setting<TypoSizes> min_word_size_for_typos;
    Setting<NameSet> disable_on_words;
    Setting<NameSet> disable_on_attributes;
    Setting<bool> disable_on_numbers;
    friend bool operator==(const TypoTolerance&, const TypoTolerance&) = default;
};

struct Faceting {
    Setting<std::uint64_t> max_values_per_facet;
    // Attribute or `*`: `alpha` or `count`.
    Setting<std::map<std::string, std::string>> sort_facet_values_by;
    friend bool operator==(const Faceting&, const Faceting&) = default;
};

struct Pagination {
    Setting<std::uint64_t> max_total_hits;
    friend bool operator==(const Pagination&, const Pagination&) = default;
};

struct LocalizedRule {
    NameList attribute_patterns;
    NameList locales;
    friend bool operator==(const LocalizedRule&, const LocalizedRule&) = default;
};

// A change of settings. In the order of the engine's own structure, which is that of its answers.
struct Settings {
    Setting<NameList> displayed_attributes;
    Setting<NameList> searchable_attributes;
    Setting<std::vector<FilterableRule>> filterable_attributes;
    Setting<NameSet> sortable_attributes;
    // JSON.
    Setting<std::string> foreign_keys;
    Setting<NameList> ranking_rules;
    Setting<NameSet> stop_words;
    Setting<NameSet> non_separator_tokens;
    Setting<NameSet> separator_tokens;
    Setting<NameSet> dictionary;
    Setting<std::map<std::string, NameList>> synonyms;
    Setting<std::string> distinct_attribute;
    Setting<std::string> proximity_precision;
    Setting<TypoTolerance> typo_tolerance;
    Setting<Faceting> faceting;
    Setting<Pagination> pagination;
    // By name; each the JSON of its fields in the engine's order, nulls included. API keys are readable.
    Setting<std::map<std::string, Setting<std::string>>> embedders;
    Setting<std::uint64_t> search_cutoff_ms;
    Setting<std::vector<LocalizedRule>> localized_attributes;
    Setting<bool> facet_search;
    Setting<std::string> prefix_search;
    // JSON.
    Setting<std::string> chat;

    friend bool operator==(const Settings&, const Settings&) = default;
};

struct SettingsRoute {
    // Below `/settings/`.
    std::string_view path;
    std::string_view key;
    // Written with PATCH, else with PUT.
    bool patch = false;
};

// The sub-routes in the order of the keys of the settings object.
std::span<const SettingsRoute> settings_routes();

Result<Settings> parse_settings(std::string_view body);
// `key` as in the settings object; `null` resets.
Result<Settings> parse_sub_setting(std::string_view key, std::string_view body);
// What DELETE does.
Settings reset_settings();
Settings reset_setting(std::string_view key);

struct SettingsFeatures {
    bool composite_embedders = false;
    bool multimodal = false;
    bool chat_completions = false;
    bool foreign_keys = false;
};
Result<void> check_features(const Settings& change, const SettingsFeatures& features);

// miroir_reserved_field when the change names an attribute that is miroir's own: nodes have their settings
// for those already.
Result<void> check_reserved_names(const Settings& change);

// The change as a body of PATCH settings. Holds API keys in readable form.
std::string change_json(const Settings& change);
// The `details` of its task: the same with API keys redacted.
std::string task_details_json(const Settings& change);

// Canonical settings: all that an index has, compact, keys in the engine's order. `foreignKeys` and `chat`
// are there when they are not the default; API keys are readable.
std::string default_settings_json();
// The canonical settings after the change, as one node would have them.
std::string apply(std::string_view canonical, const Settings& change);
// Why a node would fail the task that led to `canonical`.
Result<void> check_applied(std::string_view canonical);

// What GET answers: API keys redacted; `foreignKeys` and `chat` only with their features.
std::string shown_settings_json(std::string_view canonical, const SettingsFeatures& features = {});
std::string sub_setting_json(std::string_view canonical, std::string_view key);

// Nodes keep more than clients ask for, so that answers can be merged.
inline constexpr std::uint64_t node_facet_values_min = 10'000;
inline constexpr std::uint64_t node_total_hits_min = 10'000;
// Rules of `filterableAttributes` in front of the client's.
inline constexpr std::size_t reserved_rule_count = 2;

struct NodeSettingsOptions {
    std::uint64_t facet_values_min = node_facet_values_min;
    std::uint64_t total_hits_min = node_total_hits_min;
    // Equal documents are ordered by their insertion, by a last ranking rule.
    bool strict_ties = false;
    // The client's canonical settings the nodes have now: embedders that are gone are removed from them.
    std::string_view previous = {};
};

// The PATCH body that gives a node all it needs for an index with these client settings.
std::string node_settings_json(std::string_view client_canonical, const NodeSettingsOptions& options = {});

// What the client reads back: what the node shows, without what only nodes have, and with the client's own
// values where nodes differ on purpose.
std::string client_settings_json(std::string_view node_canonical, std::string_view client_canonical);

}  // namespace miroir::meili
