#pragma once

#include <span>
#include <string>
#include <string_view>

namespace miroir::meili {

// `parent`: the name itself is not meant, but something inside the object it holds may be.
enum class PatternMatch { no_match, parent, match };

// Whether `name` is `attribute` or a path below it: `a.b` is inside `a`, `ab` is not.
bool is_inside(std::string_view name, std::string_view attribute);

// Patterns of rule objects: `*`, `abc*`, `*abc`, `*abc*` or the exact name. A star elsewhere is a character.
PatternMatch match_pattern(std::string_view pattern, std::string_view name);
// The best match of several patterns.
PatternMatch match_patterns(std::span<const std::string> patterns, std::string_view name);

// Plain attribute names in settings: they cover everything inside them.
PatternMatch match_attribute(std::string_view attribute, std::string_view name);

}  // namespace miroir::meili
