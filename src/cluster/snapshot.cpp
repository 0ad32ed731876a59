#include "miroir/cluster/snapshot.hpp"

namespace miroir::cluster {

std::shared_ptr<const IndexEntry> Snapshot::find(const LogicalIndexUid& uid) const {
    const auto at = indexes.find(uid);
    return at == indexes.end() ? nullptr : at->second;
}

bool Snapshot::is_dirty(const PhysicalIndexUid& index, ShardId shard, const NodeId& node) const {
    return !dirty.empty() && dirty.contains(CopyRef{index, shard, node});
}

bool Snapshot::is_divergent(const PhysicalIndexUid& index) const {
    const auto found = unsettled.find(index);
    return found != unsettled.end() && found->second == SettingsPhase::divergent;
}

bool Snapshot::has_settings(const IndexEntry& index, SettingsVersion floor) const {
    if (floor > index.settings_version) {
        return false;
    }
    for (const auto& shard : index.placement.shards) {
        for (const auto& copy : shard) {
            if (!stale_settings.contains({index.physical, copy.node})) {
                return true;
            }
        }
    }
    return false;
}

}  // namespace miroir::cluster
