#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <latch>
#include <thread>
#include <vector>

#include "run_async.hpp"
#include "stores.hpp"

namespace miroir::contract {

using namespace std::chrono_literals;

// One replica's view of a fresh store; tests add others with replica().
class StoreContract : public testing::TestWithParam<StoreUnderTest> {
protected:
    explicit StoreContract(StoreLimits limits = {}) : running_(GetParam().start(limits)) {}

    coordination::Store& replica(std::size_t number) { return running_->replica(number); }
    coordination::Store& store() { return replica(0); }
    void restart() { running_->restart(); }
    void let_time_pass(std::chrono::milliseconds duration) { running_->let_time_pass(duration); }

    // Runs `body(i)` for i in 0..count-1 on threads of their own that start together.
    static void at_once(std::size_t count, const std::function<void(std::size_t)>& body) {
        std::latch start(static_cast<std::ptrdiff_t>(count));
        std::vector<std::thread> threads;
        for (std::size_t i = 0; i < count; ++i) {
            threads.emplace_back([&start, &body, i] {
                start.arrive_and_wait();
                body(i);
            });
        }
        for (auto& thread : threads) thread.join();
    }

private:
    std::unique_ptr<RunningStore> running_;
};

inline cluster::Topology a_topology() {
    cluster::Topology topology;
    topology.replication_factor = 2;
    topology.groups = {{0, cluster::GroupState::active}};
    topology.nodes = {{NodeId("a"), "http://a:7700", 0, cluster::NodeState::active},
                      {NodeId("b"), "http://b:7700", 0, cluster::NodeState::active}};
    return topology;
}

inline cluster::IndexEntry an_index(const std::string& logical, const std::string& physical) {
    cluster::IndexEntry entry;
    entry.logical = LogicalIndexUid(logical);
    entry.physical = PhysicalIndexUid(physical);
    entry.shards = 4;
    entry.placement = cluster::place(a_topology(), 4);
    entry.settings_json = R"({"stopWords":[]})";
    return entry;
}

inline coordination::TaskDraft a_task(const std::string& type, const std::string& index_uid) {
    coordination::TaskDraft draft;
    draft.type = type;
    draft.index_uid = index_uid;
    draft.details_json = R"({"receivedDocuments":1,"indexedDocuments":null})";
    return draft;
}

inline cluster::CopyRef copy_of(const std::string& physical, ShardId shard, const std::string& node) {
    return {PhysicalIndexUid(physical), shard, NodeId(node)};
}

inline coordination::DirtyMark a_mark(cluster::CopyRef copy, std::optional<std::vector<std::string>> ids,
                                      TaskUid since = 0) {
    coordination::DirtyMark mark;
    mark.copy = std::move(copy);
    mark.ids = std::move(ids);
    mark.reason = "unsent";
    mark.since = since;
    return mark;
}

}  // namespace miroir::contract

// A contract's tests run on every backend.
#define MIROIR_CONTRACT(Suite) \
    INSTANTIATE_TEST_SUITE_P(Every, Suite, testing::ValuesIn(every_store()), store_name)
