#pragma once

#include <functional>
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

using VisitScalar = std::function<void(std::string_view raw_scalar)>;

// The scalars at dotted `path` in the member `key` of a document (`json` is its value); lists are flattened
// one level, as facets are.
void visit_scalars(std::string_view path, std::string_view key, std::string_view json,
                   const VisitScalar& visit);

// The same over a whole document.
void visit_scalars(std::string_view path, std::string_view json_object, const VisitScalar& visit);

}  // namespace miroir::scatter
