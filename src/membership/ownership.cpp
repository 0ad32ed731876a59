#include "miroir/membership/ownership.hpp"

#include <string>
#include <utility>

#include "miroir/base/hash.hpp"

namespace miroir::membership {

std::optional<ReplicaId> owner_of(std::string_view job, const std::vector<ReplicaId>& replicas) {
    std::optional<std::pair<std::uint64_t, ReplicaId>> best;
    for (const auto& replica : replicas) {
        const auto score = xxh64(std::string(job) + '\n' + replica.str());
        const bool better = !best || score > best->first || (score == best->first && replica < best->second);
        if (better) best.emplace(score, replica);
    }
    return best ? std::optional(std::move(best->second)) : std::nullopt;
}

}  // namespace miroir::membership
