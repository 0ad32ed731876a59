#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "miroir/base/log.hpp"
#include "miroir/base/metrics.hpp"
#include "miroir/coordination/store.hpp"
#include "miroir/membership/snapshot_keeper.hpp"
#include "miroir/nodes/http_node_client.hpp"
#include "miroir/runtime/concurrency.hpp"

namespace miroir::membership {

struct HealthOptions {
    std::chrono::milliseconds interval{5'000};
    std::chrono::milliseconds timeout{2'000};
    std::uint32_t down_after = 3;
    std::uint32_t up_after = 2;
    // How often a node that is out of service is tried.
    std::chrono::milliseconds return_interval{2'000};
};

enum class NodeHealth { unknown, up, suspect, down };
const char* name_of(NodeHealth health);

struct NodeStatus {
    NodeHealth health = NodeHealth::unknown;
    std::string version;  // as the node tells it; empty before it answered
};

// Decides which nodes are in service: probes them all, takes those out that fail, and lets a node back in
// only after looking at its disk: an index that it should have and has not, or a task list that went
// backwards, makes its copies dirty before the first request reaches it. Runs on the control executor.
class FleetWatch {
public:
    FleetWatch(coordination::Store& store, SnapshotKeeper& snapshots, nodes::HttpNodeClient& nodes,
               HealthOptions options, Executor control, Log& log, Metrics& metrics);
    ~FleetWatch();

    // Begins to watch the nodes of the current snapshot, and later those that join.
    void start();
    Async<void> stop();

    // True after every node was tried once.
    bool settled() const;
    // True while every watched node is in service.
    bool all_up() const;
    NodeStatus status(const NodeId& node) const;  // any thread

    // A node acknowledged this task: its disk is at least that new.
    void saw_task(const NodeId& node, NodeTaskUid task);
    // The newest task of a node that is known; empty when none is.
    std::optional<NodeTaskUid> newest_task(const NodeId& node) const;
    // A node answered that it does not know an index that it must have.
    void report_lost_index(const NodeId& node);

    // Called when a node has come into service.
    void on_return(std::function<void(const NodeId&)> listener);

private:
    struct Watched;
    Async<void> watch(NodeId node);
    Async<void> pause(NodeId node);
    Async<bool> probe(NodeId node);
    bool still_shows(const NodeId& node, std::int64_t task) const;
    Async<bool> try_to_inspect(NodeId node);
    Async<bool> inspect(NodeId node);
    Async<void> watch_disk(NodeId node);
    Async<void> distrust(NodeId node, std::vector<PhysicalIndexUid> lost, std::string reason);
    Async<void> remember_tasks();
    void set_health(const NodeId& node, NodeHealth health);
    void follow(const cluster::Snapshot& snapshot);

    coordination::Store& store_;
    SnapshotKeeper& snapshots_;
    nodes::HttpNodeClient& nodes_;
    const HealthOptions options_;
    Executor control_;
    Log& log_;
    Metrics& metrics_;
    runtime::TaskGroup group_;
    bool started_ = false;

    mutable std::mutex mutex_;
    std::map<NodeId, std::shared_ptr<Watched>> watched_;
    std::vector<std::function<void(const NodeId&)>> listeners_;
};

}  // namespace miroir::membership
