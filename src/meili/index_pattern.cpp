#include "miroir/meili/index_pattern.hpp"

#include "miroir/meili/index_uid.hpp"

namespace miroir::meili {
namespace {

Result<void> read_index_pattern(const Place& place, std::string& out) {
    auto text = read(place, out);
    if (!text) {
        return text;
    }
    const bool exact = is_exact_pattern(out);
    const std::string prefix = exact ? out : out.substr(0, out.size() - 1);
    if (is_index_uid(prefix) || (!exact && prefix.empty())) {
        return ok();
    }
    return invalid_value(place, "`" + prefix +
                                    "` is not a valid index uid pattern. Index uid patterns can be an "
                                    "integer or a string containing only alphanumeric characters, hyphens "
                                    "(-), underscores (_), and optionally end with a star (*).");
}

}  // namespace

bool is_exact_pattern(std::string_view pattern) {
    return !pattern.ends_with('*');
}

bool matches_index_pattern(std::string_view pattern, std::string_view uid) {
    return is_exact_pattern(pattern) ? pattern == uid
                                     : uid.starts_with(pattern.substr(0, pattern.size() - 1));
}

Result<void> read_index_patterns(const Place& place, std::vector<std::string>& out) {
    if (place.value.kind != JsonKind::array) {
        return wrong_kind(place, {Expected::array});
    }
    out.clear();
    for (std::size_t i = 0; i < place.value.items.size(); ++i) {
        std::string pattern;
        auto done = read_index_pattern(place.element(i, place.value.items[i]), pattern);
        if (!done) {
            return done;
        }
        out.push_back(std::move(pattern));
    }
    return ok();
}

}  // namespace miroir::meili
