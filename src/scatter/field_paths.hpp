#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace miroir::scatter {

// What the engine's field selection makes of one member of a document: dotted names reach into objects and
// into the objects of lists.
enum class Selected { no, whole, partly };

Selected selects(const std::vector<std::string>& names, std::string_view key);

// The part of `json` (an object or list, the value of `key`) that `names` select, as JSON text.
std::string select_within(const std::vector<std::string>& names, std::string_view key, std::string_view json);

// A facet value in a form that is equal for values the engine treats as equal. Empty for null and containers.
std::string value_key(std::string_view json_scalar);

// Appends the keys of all values found at dotted `path` in the member `key` of a document.
void collect_value_keys(std::string_view path, std::string_view key, std::string_view json,
                        std::vector<std::string>& keys);

// The raw scalars found at `path` in an object; lists are flattened one level as in facets.
std::vector<std::string> scalars_at(std::string_view path, std::string_view json_object);

}  // namespace miroir::scatter
