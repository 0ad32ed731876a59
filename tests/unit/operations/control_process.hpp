#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake_cluster.hpp"
#include "miroir/operations/control_operations.hpp"
#include "miroir/operations/task_operations.hpp"
#include "miroir/scatter/merge_errors.hpp"

namespace miroir::operations {

using coordination::TaskRecord;
using coordination::TaskStatus;
using test::FakeCall;
using test::FakeReaction;

inline std::string client_error(const cluster::IndexEntry& index, const std::string& error_json) {
    auto error = scatter::parse_node_error(400, error_json);
    if (!error) return "{}";
    scatter::ErrorContext context;
    context.logical = index.logical;
    context.physical = index.physical;
    return meili::to_json(scatter::as_client_error(std::move(*error), context));
}

// What one run of the program has in memory.
struct Process {
    explicit Process(test::FakeCluster& c, ControlOptions options = default_options())
        : cluster(c),
          calls(c.nodes, std::chrono::seconds(30)),
          lanes(c.loop.executor()),
          journal(c.store.journal(), c.loop.executor()),
          upkeep(c.store, c.snapshots, c.peers, c.nodes, calls, lanes, journal, c.loop.executor(), null_log(),
                 null_metrics()),
          poller(c.store, c.nodes, {}, no_divergence, as_it_is, c.loop.executor(), null_log(),
                 null_metrics()),
          operations(c.store, c.snapshots, c.peers, c.nodes, lanes, journal, upkeep, earlier_tasks(),
                     std::move(options), client_error, c.loop.executor(), null_log(), null_metrics()),
          task_operations(c.store, c.peers, calls, poller, c.loop.executor(), null_log()) {
        poller.set_canceler(
            [this](TaskUid task, TaskUid cancelation) { return operations.cancel(task, cancelation); });
        upkeep.start();
        poller.start();
    }
    ~Process() {
        cluster.loop.run(task_operations.stop());
        cluster.loop.run(operations.stop());
        cluster.loop.run(upkeep.stop());
        cluster.loop.run(journal.stop());
        cluster.loop.run(poller.stop());
    }

    static Async<void> no_divergence(TaskRecord, std::vector<tasks::DivergentCopy>) { co_return; }
    static std::string as_it_is(const TaskRecord&, const std::string& error_json) { return error_json; }

    EarlierTasksWait earlier_tasks() {
        return [this](TaskUid task, LogicalIndexUid index) {
            return poller.wait_for_earlier(task, index.str());
        };
    }

    static ControlOptions default_options() {
        ControlOptions options;
        options.shards_default = 2;
        return options;
    }

    TaskUid submit(const std::string& operation, const std::string& index, const std::string& body) {
        ControlRequest request;
        request.operation = operation;
        request.index = LogicalIndexUid(index);
        request.body = body;
        request.task.type = operation;
        request.task.index_uid = index;
        return cluster.loop.run(operations.submit(std::move(request))).value().uid;
    }

    test::FakeCluster& cluster;
    NodeCalls calls;
    writes::Lanes lanes;
    writes::JournalWatch journal;
    IndexUpkeep upkeep;
    tasks::TaskPoller poller;
    ControlOperations operations;
    TaskOperations task_operations;
};

inline Async<std::optional<TaskRecord>> ending(test::FakeCluster* cluster, TaskUid uid, const bool* dead) {
    for (;;) {
        auto task = co_await cluster->sqlite->tasks().find(uid);
        auto left = co_await cluster->sqlite->journal().unfinished();
        if (*dead) co_return std::nullopt;
        const bool over = task && task->finished_at && left.empty();
        if (over) co_return task;
    }
}

inline Async<TaskRecord> task_end(test::FakeCluster* cluster, TaskUid uid) {
    for (;;) {
        auto task = co_await cluster->sqlite->tasks().find(uid);
        if (task && task->finished_at) co_return *task;
    }
}

inline Async<void> saved_as_frozen(test::FakeCluster* cluster) {
    for (;;) {
        auto left = co_await cluster->sqlite->journal().unfinished();
        if (left.size() == 1 && left.front().operation_state == frozen_state) co_return;
    }
}

inline Async<void> no_settings_stale(test::FakeCluster* cluster, IndexUpkeep* upkeep) {
    for (;;) {
        co_await cluster->snapshots.refresh();
        if (cluster->snapshots.current()->stale_settings.empty()) co_return;
        upkeep->nudge();
    }
}

struct ControlOperationsTest : testing::Test {
    test::FakeCluster cluster{{"a", "b"}};
    const bool alive = false;

    TaskRecord ended(TaskUid uid) { return *cluster.loop.run(ending(&cluster, uid, &alive)); }

    std::string node_settings(const std::string& node, const std::string& physical) {
        return cluster.nodes.by_id[NodeId(node)].indexes.at(physical).settings;
    }
    void react_to_settings(const std::string& node, FakeReaction reaction) {
        cluster.nodes.react = [node, reaction, done = false](const FakeCall& call) mutable {
            const bool hit = !done && call.node.str() == node && call.method == http::Method::patch;
            done = done || hit;
            return hit ? reaction : FakeReaction{};
        };
    }
};

inline const std::string stop_words = R"({"change":{"stopWords":["le"]},"mayCreate":false})";
inline const std::string node_error =
    R"({"message":"Index `physical-1`: no.","code":"internal","type":"internal",)"
    R"("link":"https://docs.meilisearch.com/errors#internal"})";

}  // namespace miroir::operations
