#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "miroir/base/log.hpp"
#include "miroir/base/metrics.hpp"
#include "miroir/coordination/store.hpp"
#include "miroir/membership/peers.hpp"
#include "miroir/membership/snapshot_keeper.hpp"
#include "miroir/nodes/node_client.hpp"
#include "miroir/operations/copy_difference.hpp"
#include "miroir/operations/node_calls.hpp"
#include "miroir/runtime/concurrency.hpp"
#include "miroir/writes/journal_watch.hpp"

namespace miroir::operations {

struct RepairOptions {
    std::chrono::milliseconds interval{1'000};
    std::uint32_t documents_per_request = 500;
    // How long a node may take to answer one request.
    std::chrono::milliseconds node_timeout{30'000};
};

// Makes dirty copies clean again: copies what a copy missed from a clean one, first while writes go on, then
// once more while the shard's writes wait on all replicas, so that nothing newer is undone unnoticed. Each
// replica repairs the copies that rendezvous hashing gives it. Runs on the control executor.
class Repair {
public:
    Repair(coordination::Store& store, membership::SnapshotKeeper& snapshots, membership::Peers& peers,
           nodes::NodeClient& nodes, writes::JournalWatch& journal, RepairOptions options, Executor control,
           Log& log, Metrics& metrics);

    void start();
    Async<void> stop();
    void nudge();

private:
    // One copy and what it is compared with.
    struct Job {
        std::shared_ptr<const cluster::IndexEntry> index;
        coordination::DirtyCopy dirty;
        NodeId target;
        NodeId reference;
        bool reference_is_clean = false;
    };
    Async<void> repair_forever();
    Async<void> repair_node(NodeId node, std::vector<cluster::CopyRef> copies);
    Async<std::optional<Job>> next_job(cluster::CopyRef copy);
    Async<bool> repair_copy(cluster::CopyRef copy);
    Async<bool> finish_copy(cluster::CopyRef copy, LogicalIndexUid index);
    std::optional<Job> plan(const coordination::DirtyCopy& dirty) const;
    Async<bool> pass(std::shared_ptr<const Job> job);
    Async<bool> pass_over_all(std::shared_ptr<const Job> job);
    Async<bool> pass_over(std::shared_ptr<const Job> job, std::vector<std::string> ids);
    Async<bool> apply(std::shared_ptr<const Job> job, CopyDifference difference);
    Async<bool> copy_documents(std::shared_ptr<const Job> job, NodeId from, NodeId to,
                               std::vector<std::string> ids);
    Async<bool> delete_documents(std::shared_ptr<const Job> job, std::vector<std::string> ids);
    Async<std::optional<CopyContent>> content(std::shared_ptr<const Job> job, NodeId node,
                                              std::vector<std::string> ids);
    Async<std::optional<CopyContent>> whole_content(std::shared_ptr<const Job> job, NodeId node);
    Async<std::optional<std::string>> fetch(std::shared_ptr<const Job> job, NodeId node, std::string body);

    coordination::Store& store_;
    membership::SnapshotKeeper& snapshots_;
    membership::Peers& peers_;
    nodes::NodeClient& nodes_;
    NodeCalls calls_;
    writes::JournalWatch& journal_;
    const RepairOptions options_;
    Log& log_;
    Gauge& dirty_copies_;
    Counter& copied_;
    Counter& deleted_;
    Counter& repaired_;
    runtime::Signal news_;
    runtime::TaskGroup group_;
};

}  // namespace miroir::operations
