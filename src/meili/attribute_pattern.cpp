#include "miroir/meili/attribute_pattern.hpp"

namespace miroir::meili {
namespace {

bool covers(std::string_view pattern, std::string_view name) {
    if (pattern == "*") return true;
    const bool open_start = pattern.starts_with('*');
    const bool open_end = pattern.ends_with('*');
    auto core = pattern;
    if (open_start) core.remove_prefix(1);
    if (open_end) core.remove_suffix(1);
    if (open_start && open_end) return name.find(core) != std::string_view::npos;
    if (open_start) return name.ends_with(core);
    return open_end ? name.starts_with(core) : name == core;
}

}  // namespace

bool is_inside(std::string_view name, std::string_view attribute) {
    if (!name.starts_with(attribute)) return false;
    return name.size() == attribute.size() || name[attribute.size()] == '.';
}

PatternMatch match_pattern(std::string_view pattern, std::string_view name) {
    if (covers(pattern, name)) return PatternMatch::match;
    return is_inside(pattern, name) ? PatternMatch::parent : PatternMatch::no_match;
}

PatternMatch match_patterns(std::span<const std::string> patterns, std::string_view name) {
    auto best = PatternMatch::no_match;
    for (const auto& pattern : patterns) {
        const auto match = match_pattern(pattern, name);
        if (match == PatternMatch::match) return match;
        if (match == PatternMatch::parent) best = match;
    }
    return best;
}

PatternMatch match_attribute(std::string_view attribute, std::string_view name) {
    if (is_inside(name, attribute)) return PatternMatch::match;
    return is_inside(attribute, name) ? PatternMatch::parent : PatternMatch::no_match;
}

}  // namespace miroir::meili
