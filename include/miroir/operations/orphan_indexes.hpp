#pragma once

#include <chrono>
#include <set>
#include <string>
#include <vector>

#include "miroir/base/log.hpp"
#include "miroir/base/metrics.hpp"
#include "miroir/coordination/store.hpp"
#include "miroir/membership/snapshot_keeper.hpp"
#include "miroir/nodes/node_client.hpp"
#include "miroir/operations/node_calls.hpp"
#include "miroir/runtime/concurrency.hpp"

namespace miroir::operations {

struct OrphanOptions {
    // How often every node is looked at, whatever happens.
    std::chrono::milliseconds interval{300'000};
    // How soon after a failure a node is looked at again.
    std::chrono::milliseconds retry{1'000};
    // How long a node may take to answer one request.
    std::chrono::milliseconds node_timeout{30'000};
};

// Deletes on nodes the indexes that were deleted while they were away. Only what the catalog has had and has
// no more: an index that it never had belongs to somebody else and is reported. Runs on the control executor.
class OrphanIndexes {
public:
    OrphanIndexes(coordination::Store& store, membership::SnapshotKeeper& snapshots, nodes::NodeClient& nodes,
                  OrphanOptions options, Executor control, Log& log, Metrics& metrics);

    void start();
    Async<void> stop();

    // The node may have orphans.
    void look_at(const NodeId& node);

    // True when everything that the node should not have is gone.
    Async<bool> clean(NodeId node);

private:
    Async<void> watch();
    Async<void> look_at_pending();

    coordination::Store& store_;
    membership::SnapshotKeeper& snapshots_;
    nodes::NodeClient& nodes_;
    NodeCalls calls_;
    const OrphanOptions options_;
    Log& log_;
    Metrics& metrics_;
    Counter& deleted_;
    runtime::Signal news_;
    runtime::TaskGroup group_;
    std::set<NodeId> pending_;
};

}  // namespace miroir::operations
