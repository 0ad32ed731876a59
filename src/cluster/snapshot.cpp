#include "miroir/cluster/snapshot.hpp"

namespace miroir::cluster {

std::shared_ptr<const IndexEntry> Snapshot::find(const LogicalIndexUid& uid) const {
    const auto at = indexes.find(uid);
    return at == indexes.end() ? nullptr : at->second;
}

bool Snapshot::is_dirty(const PhysicalIndexUid& index, ShardId shard, const NodeId& node) const {
    return !dirty.empty() && dirty.contains(CopyRef{index, shard, node});
}

}  // namespace miroir::cluster
