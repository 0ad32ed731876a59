#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "fake_cluster.hpp"
#include "miroir/operations/control_operations.hpp"
#include "miroir/operations/task_operations.hpp"
#include "miroir/tasks/task_poller.hpp"

namespace miroir::api {

// A cluster in memory, and what handlers hand their changes to. Nothing runs in the background but what a
// test submits.
struct OperationsFixture : testing::Test {
    explicit OperationsFixture(std::vector<std::string> nodes) : cluster(std::move(nodes)) {}
    ~OperationsFixture() override {
        cluster.loop.run(task_operations.stop());
        cluster.loop.run(operations.stop());
        cluster.loop.run(journal.stop());
    }

    static Async<void> no_wait(TaskUid, LogicalIndexUid) { co_return; }

    test::FakeCluster cluster;
    Executor control = cluster.loop.executor();
    writes::Lanes lanes{control};
    writes::JournalWatch journal{cluster.store.journal(), control};
    tasks::TaskPoller poller{cluster.store, cluster.nodes, {},         nullptr,
                             nullptr,       control,       null_log(), null_metrics()};
    operations::NodeCalls calls{cluster.nodes, std::chrono::seconds(30)};
    operations::IndexUpkeep upkeep{
        cluster.store, cluster.snapshots, cluster.peers, cluster.nodes, calls,
        lanes,         journal,           control,       null_log(),    null_metrics()};
    operations::ControlOperations operations{
        cluster.store, cluster.snapshots, cluster.peers, cluster.nodes, lanes, journal, upkeep, no_wait, {},
        nullptr,       control,           null_log(),    null_metrics()};
    operations::TaskOperations task_operations{cluster.store, cluster.peers, calls,
                                               poller,        control,       null_log()};
    std::vector<NodeId> lost_indexes;
    scatter::Scatter scatter{cluster.nodes, [this](const NodeId& node) { lost_indexes.push_back(node); },
                             std::chrono::milliseconds(5000), null_metrics()};
};

}  // namespace miroir::api
