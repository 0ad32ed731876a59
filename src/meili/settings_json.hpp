#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

#include "miroir/meili/settings.hpp"

namespace miroir::meili {

using Json = nlohmann::ordered_json;

Json filterable_rule_json(const FilterableRule& rule);

// Only what the change mentions, resets as null.
Json change_object(const Settings& change);

// The settings of an index that has none of its own.
const Json& default_settings();
// A canonical text as an object with all keys; what is missing or broken is filled with the defaults.
Json canonical_object(std::string_view text);
// With the known keys in the engine's order.
Json in_settings_order(const Json& settings);

}  // namespace miroir::meili
