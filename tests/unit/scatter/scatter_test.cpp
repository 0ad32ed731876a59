#include "miroir/scatter/scatter.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake_nodes.hpp"
#include "miroir/runtime/gather.hpp"
#include "run_async.hpp"

namespace miroir::scatter {
namespace {

using testing::ElementsAre;

// Three nodes with one shard each.
cluster::SnapshotPtr three_nodes() {
    cluster::Snapshot snapshot;
    snapshot.topology.replication_factor = 1;
    snapshot.topology.groups = {{0, cluster::GroupState::active}};
    for (const auto* name : {"a", "b", "c"}) {
        cluster::Node node;
        node.id = NodeId(name);
        snapshot.topology.nodes.push_back(node);
    }
    return std::make_shared<const cluster::Snapshot>(std::move(snapshot));
}

std::shared_ptr<const cluster::IndexEntry> spread_index() {
    auto index = std::make_shared<cluster::IndexEntry>();
    index->physical = PhysicalIndexUid("physical");
    index->shards = 3;
    for (const auto* name : {"a", "b", "c"}) {
        cluster::Copy copy;
        copy.node = NodeId(name);
        index->placement.shards.push_back({copy});
    }
    return index;
}

// A node with nothing but what the test looks at.
class NotingNodes final : public test::FakeNodes {
public:
    NotingNodes() {
        for (const auto* name : {"a", "b", "c"}) by_id[NodeId(name)].indexes["physical"];
        before = [this](const test::FakeCall& call) -> Async<void> {
            events.push_back("sent " + call.body);
            co_return;
        };
    }
    ScatterRequest read(const std::string& name) {
        ScatterRequest request;
        request.index = spread_index();
        request.route = "/search";
        request.body_for = [this, name](const std::vector<ShardId>&) {
            events.push_back("planned " + name);
            return name;
        };
        return request;
    }
    std::vector<std::string> events;
};

TEST(Scatter, ReadsThatBeginTogetherAreAllPlannedBeforeTheFirstIsSent) {
    NotingNodes nodes;
    Scatter scatter(
        nodes, [](const NodeId&) {}, std::chrono::seconds(5), null_metrics());
    std::vector<Async<Scattered>> reads;
    reads.push_back(scatter.run(three_nodes(), nodes.read("one")));
    reads.push_back(scatter.run(three_nodes(), nodes.read("two")));

    const auto results = run(runtime::gather(std::move(reads)));

    EXPECT_THAT(nodes.events, ElementsAre("planned one", "planned one", "planned one", "planned two",
                                          "planned two", "planned two", "sent one", "sent one", "sent one",
                                          "sent two", "sent two", "sent two"));
    EXPECT_EQ(results[0].answers.size(), 3U);
    EXPECT_TRUE(results[1].missing.empty());
}

}  // namespace
}  // namespace miroir::scatter
