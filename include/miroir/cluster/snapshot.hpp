#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "miroir/base/clock.hpp"
#include "miroir/base/ids.hpp"
#include "miroir/cluster/placement.hpp"
#include "miroir/cluster/topology.hpp"

namespace miroir::cluster {

// One entry of the catalog: what a logical index is right now.
struct IndexEntry {
    LogicalIndexUid logical;
    PhysicalIndexUid physical;
    Generation generation = 0;
    std::optional<std::string> primary_key;
    std::uint32_t shards = 16;
    Placement placement;
    // The client's settings in Meilisearch's canonical form (compact JSON object with every key a GET
    // of the whole settings shows); what clients read back.
    std::string settings_json;
    SettingsVersion settings_version = 0;
    WallTime created_at;
    WallTime updated_at;

    friend bool operator==(const IndexEntry&, const IndexEntry&) = default;
};

// A copy of a shard that missed or may have missed a write.
struct CopyRef {
    PhysicalIndexUid index;
    ShardId shard = 0;
    NodeId node;
    friend auto operator<=>(const CopyRef&, const CopyRef&) = default;
};

// Nodes may have an index's settings differently: a change is not committed yet, or they keep saying
// something else than was proposed, and writes are refused.
enum class SettingsPhase { changing, divergent };

// Everything a request needs to know about the cluster, at one moment. Immutable; requests hold it from
// start to end.
struct Snapshot {
    Topology topology;
    // By logical uid, bytewise order.
    std::map<LogicalIndexUid, std::shared_ptr<const IndexEntry>> indexes;
    // Copies with an entry in the dirty ledger.
    std::set<CopyRef> dirty;
    // Nodes whose applied settings version is behind the committed one, by physical index.
    std::set<std::pair<PhysicalIndexUid, NodeId>> stale_settings;
    // Indexes whose settings are not the committed ones everywhere.
    std::map<PhysicalIndexUid, SettingsPhase> unsettled;

    std::shared_ptr<const IndexEntry> find(const LogicalIndexUid& uid) const;
    bool is_dirty(const PhysicalIndexUid& index, ShardId shard, const NodeId& node) const;
    bool is_divergent(const PhysicalIndexUid& index) const;
    // Whether some node that has the index is known to have its settings of version `floor` or later.
    bool has_settings(const IndexEntry& index, SettingsVersion floor) const;
};

using SnapshotPtr = std::shared_ptr<const Snapshot>;

}  // namespace miroir::cluster
