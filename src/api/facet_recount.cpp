#include "facet_recount.hpp"

#include <algorithm>

namespace miroir::api {
namespace {

const scatter::ShardAnswer* same_part(const scatter::ShardAnswer& part, const scatter::Scattered& other) {
    const auto found = std::find_if(other.answers.begin(), other.answers.end(), [&](const auto& one) {
        return one.answer.node == part.answer.node && one.shards == part.shards && one.answer.status == 200;
    });
    return found == other.answers.end() ? nullptr : &*found;
}

}  // namespace

std::vector<scatter::FacetRecount> usable_recounts(const std::vector<RecountedFacet>& recounted,
                                                   const scatter::Scattered& first) {
    std::vector<scatter::FacetRecount> usable;
    for (const auto& facet : recounted) {
        std::vector<scatter::FacetRecount> counts;
        for (const auto& part : first.answers) {
            if (const auto* again = same_part(part, facet.scattered)) {
                counts.push_back({part.answer.node, facet.asked, again->answer.body});
            }
        }
        if (counts.size() == first.answers.size()) {
            usable.insert(usable.end(), counts.begin(), counts.end());
        }
    }
    return usable;
}

}  // namespace miroir::api
