#include "miroir/cluster/placement.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "miroir/cluster/snapshot.hpp"

namespace miroir::cluster {
namespace {

std::vector<NodeId> node_ids(const std::vector<std::string>& names) {
    std::vector<NodeId> ids;
    for (const auto& name : names) ids.emplace_back(name);
    return ids;
}

std::vector<NodeId> numbered_nodes(std::size_t count) {
    std::vector<NodeId> ids;
    for (std::size_t i = 0; i < count; ++i) ids.emplace_back("node-" + std::to_string(i));
    return ids;
}

Topology two_groups() {
    return {.epoch = 1,
            .replication_factor = 2,
            .groups = {{0, GroupState::active}, {1, GroupState::active}},
            .nodes = {{NodeId("a"), "http://a:7700", 0, NodeState::active},
                      {NodeId("b"), "http://b:7700", 0, NodeState::active},
                      {NodeId("c"), "http://c:7700", 0, NodeState::active},
                      {NodeId("x"), "http://x:7700", 1, NodeState::active},
                      {NodeId("y"), "http://y:7700", 1, NodeState::active},
                      {NodeId("z"), "http://z:7700", 1, NodeState::active}}};
}

TEST(ShardOf, GoldenNumbersNeverChange) {
    struct {
        const char* key;
        ShardId of_16, of_64;
    } const golden[] = {{"0", 12, 44},     {"1", 4, 20},
                        {"42", 9, 57},     {"123456789", 3, 3},
                        {"id-1", 13, 29},  {"movie_42", 4, 4},
                        {"a-b_c", 12, 44}, {"00000000-0000-4000-8000-000000000001", 1, 1}};
    for (const auto& [key, of_16, of_64] : golden) {
        EXPECT_EQ(shard_of(key, 16), of_16) << key;
        EXPECT_EQ(shard_of(key, 64), of_64) << key;
        EXPECT_EQ(shard_of(key, 1), 0U) << key;
    }
}

TEST(RendezvousScore, GoldenNumbersNeverChange) {
    EXPECT_EQ(rendezvous_score(0, NodeId("node-0")), 13828030261782136819ULL);
    EXPECT_EQ(rendezvous_score(1, NodeId("node-0")), 6517869720104913213ULL);
    EXPECT_EQ(rendezvous_score(63, NodeId("node-0")), 16508581508484451652ULL);
    EXPECT_EQ(rendezvous_score(256, NodeId("node-0")), 12324718404616074685ULL);
    EXPECT_EQ(rendezvous_score(70000, NodeId("a")), 630861142847677143ULL);
    EXPECT_EQ(rendezvous_score(0, NodeId("meili-0.meili.svc")), 14173315096870105574ULL);
}

TEST(OwnersOf, GoldenOwnersNeverChange) {
    const auto nodes = numbered_nodes(4);
    EXPECT_EQ(owners_of(0, nodes, 2), node_ids({"node-0", "node-2"}));
    EXPECT_EQ(owners_of(1, nodes, 2), node_ids({"node-3", "node-1"}));
    EXPECT_EQ(owners_of(2, nodes, 2), node_ids({"node-1", "node-3"}));
    EXPECT_EQ(owners_of(63, nodes, 2), node_ids({"node-0", "node-1"}));
}

TEST(OwnersOf, ListBestFirstWhateverTheOrderOfTheNodes) {
    auto nodes = numbered_nodes(7);
    for (ShardId shard = 0; shard < 64; ++shard) {
        const auto owners = owners_of(shard, nodes, 3);
        ASSERT_EQ(owners.size(), 3U);
        EXPECT_GE(rendezvous_score(shard, owners[0]), rendezvous_score(shard, owners[1]));
        EXPECT_GE(rendezvous_score(shard, owners[1]), rendezvous_score(shard, owners[2]));
        std::rotate(nodes.begin(), nodes.begin() + 1, nodes.end());
        EXPECT_EQ(owners_of(shard, nodes, 3), owners);
    }
}

TEST(OwnersOf, AreAllNodesOfAGroupSmallerThanTheReplicationFactor) {
    EXPECT_EQ(owners_of(5, numbered_nodes(2), 3).size(), 2U);
    EXPECT_TRUE(owners_of(5, {}, 3).empty());
}

TEST(OwnersOf, AddingANodeOnlyMovesShardsToIt) {
    constexpr ShardId shards = 4096;
    for (std::size_t count = 1; count <= 8; ++count) {
        const auto before = numbered_nodes(count);
        const auto after = numbered_nodes(count + 1);
        std::size_t moved = 0;
        for (ShardId shard = 0; shard < shards; ++shard) {
            const auto old_owner = owners_of(shard, before, 1).front();
            const auto new_owner = owners_of(shard, after, 1).front();
            if (new_owner == old_owner) continue;
            EXPECT_EQ(new_owner, after.back());
            ++moved;
        }
        const double expected = static_cast<double>(shards) / static_cast<double>(count + 1);
        EXPECT_NEAR(static_cast<double>(moved), expected, 0.15 * expected) << count;
    }
}

TEST(OwnersOf, AddingANodeReplacesAtMostTheLastOwner) {
    const auto before = numbered_nodes(5);
    const auto after = numbered_nodes(6);
    for (ShardId shard = 0; shard < 512; ++shard) {
        auto old_owners = owners_of(shard, before, 2);
        auto new_owners = owners_of(shard, after, 2);
        if (std::erase(new_owners, after.back()) > 0) old_owners.pop_back();
        EXPECT_EQ(new_owners, old_owners);
    }
}

TEST(OwnersOf, RemovingANodeOnlyMovesItsShards) {
    const auto before = numbered_nodes(5);
    auto after = before;
    const NodeId removed = after[2];
    after.erase(after.begin() + 2);
    for (ShardId shard = 0; shard < 512; ++shard) {
        auto old_owners = owners_of(shard, before, 2);
        const auto new_owners = owners_of(shard, after, 2);
        if (std::erase(old_owners, removed) == 0)
            EXPECT_EQ(new_owners, old_owners);
        else
            EXPECT_EQ(new_owners.front(), old_owners.front());
    }
}

TEST(OwnersOf, SixtyFourShardsAreEvenOverThreeNodes) {
    const std::vector<std::vector<std::string>> fleets = {{"node-0", "node-1", "node-2"},
                                                          {"meili-0", "meili-1", "meili-2"},
                                                          {"node-a", "node-b", "node-c"},
                                                          {"m0", "m1", "m2"},
                                                          {"east-0", "east-1", "east-2"}};
    for (const auto& fleet : fleets) {
        const auto nodes = node_ids(fleet);
        std::map<NodeId, int> owned;
        for (ShardId shard = 0; shard < 64; ++shard) ++owned[owners_of(shard, nodes, 1).front()];
        for (const auto& node : nodes) {
            EXPECT_GE(owned[node], 18) << node.str();
            EXPECT_LE(owned[node], 26) << node.str();
        }
    }
}

TEST(Place, GivesEveryShardItsOwnersInEveryGroup) {
    const Placement placement = place(two_groups(), 16);
    ASSERT_EQ(placement.shards.size(), 16U);
    for (ShardId shard = 0; shard < 16; ++shard) {
        std::vector<Copy> expected;
        for (const auto& owner : owners_of(shard, node_ids({"a", "b", "c"}), 2))
            expected.push_back({owner, 0, CopyState::active});
        for (const auto& owner : owners_of(shard, node_ids({"x", "y", "z"}), 2))
            expected.push_back({owner, 1, CopyState::active});
        EXPECT_EQ(placement.shards[shard], expected);
    }
}

TEST(Place, GroupsDoNotInfluenceEachOther) {
    const Placement before = place(two_groups(), 64);
    Topology grown = two_groups();
    grown.nodes.insert(grown.nodes.begin() + 3, {NodeId("d"), "http://d:7700", 0, NodeState::active});
    const Placement after = place(grown, 64);
    const auto of_group_1 = [](std::vector<Copy> copies) {
        std::erase_if(copies, [](const Copy& copy) { return copy.group != 1; });
        return copies;
    };
    EXPECT_NE(before, after);
    for (ShardId shard = 0; shard < 64; ++shard)
        EXPECT_EQ(of_group_1(before.shards[shard]), of_group_1(after.shards[shard]));
}

TEST(Place, LeavesOutNodesThatAreNotActive) {
    Topology topology = two_groups();
    topology.nodes[0].state = NodeState::joining;
    topology.nodes[3].state = NodeState::draining;
    topology.nodes[4].state = NodeState::removed;
    std::set<std::string> used;
    for (const auto& copies : place(topology, 64).shards)
        for (const Copy& copy : copies) used.insert(copy.node.str());
    EXPECT_EQ(used, (std::set<std::string>{"b", "c", "z"}));
}

TEST(PlacementJson, RoundTrips) {
    Placement placement = place(two_groups(), 16);
    placement.shards[3][0].state = CopyState::leaving;
    placement.shards[4].push_back({NodeId("new \"node\""), 7, CopyState::filling});
    EXPECT_EQ(placement_from_json(to_json(placement)), placement);
}

TEST(PlacementJson, KeepsItsForm) {
    Placement placement;
    placement.shards = {{{NodeId("a"), 0, CopyState::active}, {NodeId("b"), 1, CopyState::filling}}, {}};
    EXPECT_EQ(to_json(placement), R"({"shards":[[["a",0,"active"],["b",1,"filling"]],[]]})");
}

TEST(PlacementJson, RefusesAnUnknownState) {
    EXPECT_THROW(placement_from_json(R"({"shards":[[["a",0,"asleep"]]]})"), std::invalid_argument);
    EXPECT_ANY_THROW(placement_from_json("{}"));
    EXPECT_ANY_THROW(placement_from_json("nonsense"));
}

TEST(TopologyJson, RoundTripsWithoutTheEpoch) {
    Topology topology = two_groups();
    topology.groups[1].state = GroupState::initializing;
    topology.nodes[1].state = NodeState::removed;
    Topology read = topology_from_json(to_json(topology));
    EXPECT_EQ(read.epoch, 0U);
    read.epoch = topology.epoch;
    EXPECT_EQ(read, topology);
}

TEST(TopologyJson, SortsTheNodes) {
    const Topology topology =
        topology_from_json(R"({"replicationFactor":1,"groups":[{"id":0,"state":"active"}],"nodes":[)"
                           R"({"id":"b","url":"http://b","group":0,"state":"active"},)"
                           R"({"id":"a","url":"http://a","group":0,"state":"joining"}]})");
    ASSERT_NE(topology.find(NodeId("a")), nullptr);
    EXPECT_EQ(topology.find(NodeId("a"))->url, "http://a");
    EXPECT_EQ(topology.find(NodeId("b"))->state, NodeState::active);
    EXPECT_EQ(topology.find(NodeId("c")), nullptr);
    EXPECT_EQ(topology.nodes.front().id, NodeId("a"));
}

TEST(SnapshotLookUps, FindIndexesAndDirtyCopies) {
    Snapshot snapshot;
    IndexEntry entry;
    entry.logical = LogicalIndexUid("books");
    entry.physical = PhysicalIndexUid("p1");
    snapshot.indexes[entry.logical] = std::make_shared<const IndexEntry>(entry);
    snapshot.dirty.insert({entry.physical, 3, NodeId("a")});

    ASSERT_NE(snapshot.find(LogicalIndexUid("books")), nullptr);
    EXPECT_EQ(*snapshot.find(LogicalIndexUid("books")), entry);
    EXPECT_EQ(snapshot.find(LogicalIndexUid("p1")), nullptr);
    EXPECT_TRUE(snapshot.is_dirty(entry.physical, 3, NodeId("a")));
    EXPECT_FALSE(snapshot.is_dirty(entry.physical, 4, NodeId("a")));
    EXPECT_FALSE(snapshot.is_dirty(entry.physical, 3, NodeId("b")));
    EXPECT_FALSE(snapshot.is_dirty(PhysicalIndexUid("p2"), 3, NodeId("a")));
}

}  // namespace
}  // namespace miroir::cluster
