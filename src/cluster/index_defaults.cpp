#include "miroir/cluster/index_defaults.hpp"

#include <algorithm>

namespace miroir::cluster {

namespace {

// Every text between two stars is taken at its first place: if any places fit, the first ones do.
bool matches(std::string_view pattern, std::string_view uid) {
    const auto first = pattern.find('*');
    if (first == std::string_view::npos) {
        return pattern == uid;
    }
    if (!uid.starts_with(pattern.substr(0, first))) {
        return false;
    }
    uid.remove_prefix(first);
    pattern.remove_prefix(first + 1);
    for (auto star = pattern.find('*'); star != std::string_view::npos; star = pattern.find('*')) {
        const auto found = uid.find(pattern.substr(0, star));
        if (found == std::string_view::npos) {
            return false;
        }
        uid.remove_prefix(found + star);
        pattern.remove_prefix(star + 1);
    }
    return uid.ends_with(pattern);
}

}  // namespace

std::uint32_t shards_of_new(std::string_view uid, const std::vector<IndexDefault>& defaults,
                            std::uint32_t otherwise) {
    const auto found = std::find_if(defaults.begin(), defaults.end(),
                                    [&](const IndexDefault& one) { return matches(one.pattern, uid); });
    return found == defaults.end() ? otherwise : found->shards;
}

}  // namespace miroir::cluster
