#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "miroir/base/log.hpp"
#include "miroir/base/metrics.hpp"
#include "miroir/coordination/store.hpp"
#include "miroir/membership/peers.hpp"
#include "miroir/membership/snapshot_keeper.hpp"
#include "miroir/nodes/node_client.hpp"
#include "miroir/operations/node_calls.hpp"
#include "miroir/runtime/concurrency.hpp"
#include "miroir/writes/journal_watch.hpp"
#include "miroir/writes/lanes.hpp"

namespace miroir::operations {

// Makes every node have every index of the catalog with the committed settings: creates what is missing,
// sends settings where a node's version is behind, verifies by reading back, and records the version. Level
// triggered: it looks at the difference between catalog and nodes, so it also finishes what a crash has
// interrupted. Each replica looks after what rendezvous hashing gives it. Runs on the
// control executor.
class IndexUpkeep {
public:
    IndexUpkeep(coordination::Store& store, membership::SnapshotKeeper& snapshots, membership::Peers& peers,
                nodes::NodeClient& nodes, NodeCalls calls, writes::Lanes& lanes,
                writes::JournalWatch& journal, Executor control, Log& log, Metrics& metrics);

    void start();
    Async<void> stop();
    void nudge();

    // Begins to make `index` on every node that can be reached. Its requests take their places in the lanes
    // before this returns, so that documents sent afterwards find the index.
    void create_on_nodes(std::shared_ptr<const cluster::IndexEntry> index);

    // Returns when nothing is under way for this index.
    Async<void> settled(PhysicalIndexUid index);

private:
    using Key = std::pair<PhysicalIndexUid, NodeId>;
    Async<void> keep_up();
    using IndexPtr = std::shared_ptr<const cluster::IndexEntry>;
    void begin(IndexPtr index, const NodeId& node, bool fresh);
    Async<void> bring_up(IndexPtr index, NodeId node, bool fresh,
                         std::shared_ptr<writes::Lanes::Place> place);
    Async<std::optional<NodeTaskUid>> send_fresh(IndexPtr index, NodeId node,
                                                 std::shared_ptr<writes::Lanes::Place> place);
    Async<std::optional<NodeTaskUid>> send_held(IndexPtr index, NodeId node);
    Async<std::optional<NodeTaskUid>> send_all(IndexPtr index, NodeId node, bool missing);

    coordination::Store& store_;
    membership::SnapshotKeeper& snapshots_;
    membership::Peers& peers_;
    nodes::NodeClient& nodes_;
    NodeCalls calls_;
    writes::Lanes& lanes_;
    writes::JournalWatch& journal_;
    Log& log_;
    Counter& repaired_;
    runtime::Signal news_;
    runtime::Signal progress_;
    runtime::TaskGroup group_;
    std::set<Key> under_way_;
};

// Where an index has copies.
std::set<NodeId> nodes_of(const cluster::IndexEntry& index);

}  // namespace miroir::operations
