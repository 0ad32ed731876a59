#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "miroir/base/ids.hpp"
#include "miroir/cluster/snapshot.hpp"

namespace miroir::cluster {

enum class CoverPreference { fewest, spread };

// Which node answers for which shards, for one read.
struct Cover {
    // Sorted by node; shards ascending; every shard of the request at most once.
    std::map<NodeId, std::vector<ShardId>> shards_by_node;
    // Shards with no readable copy anywhere.
    std::vector<ShardId> missing;
    // Shards answered by a dirty copy, because no clean one was reachable in any group.
    std::vector<ShardId> dirty;
    friend bool operator==(const Cover&, const Cover&) = default;
};

struct CoverRequest {
    // All shards of the index when empty optional.
    std::optional<std::vector<ShardId>> only;
    // A hash of (index, query without paging): the same hash gives the same cover on every replica.
    std::uint64_t choice = 0;
    CoverPreference preference = CoverPreference::fewest;
};

// Chooses one readable copy per shard: active state, node active or draining and `usable`, settings not
// stale, clean before dirty; inside one group if one can cover everything cleanly, the missing shards from
// other groups otherwise. Pure and deterministic.
Cover choose_cover(const Snapshot& snapshot, const IndexEntry& index, const CoverRequest& request,
                   const std::function<bool(const NodeId&)>& usable);

}  // namespace miroir::cluster
