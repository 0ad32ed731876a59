#include "miroir/cluster/cover.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

namespace miroir::cluster {
namespace {

const auto every_node = [](const NodeId&) { return true; };

NodeId node_id(std::size_t number) {
    return NodeId("node-" + std::to_string(100 + number));
}

struct Fleet {
    Snapshot snapshot;
    IndexEntry index;

    Cover cover(CoverRequest request = {},
                const std::function<bool(const NodeId&)>& usable = every_node) const {
        return choose_cover(snapshot, index, request, usable);
    }
    Node& node(std::size_t number) { return snapshot.topology.nodes.at(number); }
    void mark_dirty(ShardId shard, std::size_t number) {
        snapshot.dirty.insert({index.physical, shard, node_id(number)});
    }
};

Fleet fleet(std::size_t groups, std::size_t nodes_per_group, std::uint32_t replication_factor,
            std::uint32_t shards) {
    Fleet made;
    made.snapshot.topology.replication_factor = replication_factor;
    for (std::size_t group = 0; group < groups; ++group) {
        const auto id = static_cast<GroupId>(group);
        made.snapshot.topology.groups.push_back({id, GroupState::active});
        for (std::size_t i = 0; i < nodes_per_group; ++i) {
            made.snapshot.topology.nodes.push_back(
                {node_id(group * nodes_per_group + i), "http://node", id, NodeState::active});
        }
    }
    made.index.logical = LogicalIndexUid("books");
    made.index.physical = PhysicalIndexUid("p-1");
    made.index.shards = shards;
    made.index.placement = place(made.snapshot.topology, shards);
    return made;
}

std::set<NodeId> nodes_of(const Cover& cover) {
    std::set<NodeId> nodes;
    for (const auto& [node, shards] : cover.shards_by_node) nodes.insert(node);
    return nodes;
}

std::vector<ShardId> shards_of(const Cover& cover) {
    std::vector<ShardId> shards;
    for (const auto& [node, of_node] : cover.shards_by_node)
        shards.insert(shards.end(), of_node.begin(), of_node.end());
    std::sort(shards.begin(), shards.end());
    return shards;
}

TEST(ChooseCover, AsksEveryShardInOneGroup) {
    const Fleet two = fleet(2, 3, 1, 16);
    const Cover cover = two.cover();
    EXPECT_EQ(shards_of(cover).size(), 16U);
    EXPECT_TRUE(cover.missing.empty());
    EXPECT_TRUE(cover.dirty.empty());
    std::set<GroupId> groups;
    for (const NodeId& node : nodes_of(cover)) groups.insert(two.snapshot.topology.find(node)->group);
    EXPECT_EQ(groups.size(), 1U);
}

TEST(ChooseCover, OnlyAsksTheNamedShardsOnceAndInOrder) {
    CoverRequest request;
    request.only = {9, 2, 9, 99};
    const Cover cover = fleet(1, 3, 3, 16).cover(request);
    ASSERT_EQ(cover.shards_by_node.size(), 1U);
    EXPECT_EQ(cover.shards_by_node.begin()->second, (std::vector<ShardId>{2, 9}));
    EXPECT_EQ(cover.missing, (std::vector<ShardId>{99}));
}

TEST(ChooseCover, AnEmptyRequestAsksNobody) {
    CoverRequest request;
    request.only.emplace();
    EXPECT_EQ(fleet(1, 3, 1, 16).cover(request), Cover{});
}

TEST(ChooseCover, AsksTwoOfThreeNodesWhenTwoHaveEverything) {
    const Fleet one = fleet(1, 3, 2, 64);
    std::set<std::set<NodeId>> chosen;
    for (std::uint64_t choice = 0; choice < 60; ++choice) {
        CoverRequest request;
        request.choice = choice;
        const Cover cover = one.cover(request);
        EXPECT_EQ(cover.shards_by_node.size(), 2U);
        chosen.insert(nodes_of(cover));
    }
    EXPECT_EQ(chosen.size(), 3U) << "the choice reaches each of the three equal covers";
}

TEST(ChooseCover, TheChoiceReachesEveryGroup) {
    const Fleet three = fleet(3, 2, 1, 16);
    std::set<std::set<NodeId>> chosen;
    for (std::uint64_t choice = 0; choice < 60; ++choice) {
        CoverRequest request;
        request.choice = choice;
        chosen.insert(nodes_of(three.cover(request)));
    }
    EXPECT_EQ(chosen.size(), 3U);
}

TEST(ChooseCover, SpreadUsesEveryNodeEvenly) {
    CoverRequest request;
    request.preference = CoverPreference::spread;
    const Cover cover = fleet(1, 3, 3, 63).cover(request);
    ASSERT_EQ(cover.shards_by_node.size(), 3U);
    for (const auto& [node, shards] : cover.shards_by_node) EXPECT_EQ(shards.size(), 21U);
}

TEST(ChooseCover, TakesTheGroupThatNeedsFewerNodes) {
    Fleet uneven = fleet(2, 3, 1, 16);
    for (auto& copies : uneven.index.placement.shards) copies[1].node = node_id(4);
    for (std::uint64_t choice = 0; choice < 20; ++choice) {
        CoverRequest request;
        request.choice = choice;
        EXPECT_EQ(nodes_of(uneven.cover(request)), std::set<NodeId>{node_id(4)});
    }
}

TEST(ChooseCover, TakesTheGroupThatIsWhole) {
    const Fleet two = fleet(2, 3, 1, 16);
    const auto without = [](const NodeId& node) { return node != node_id(1); };
    for (std::uint64_t choice = 0; choice < 20; ++choice) {
        CoverRequest request;
        request.choice = choice;
        for (const NodeId& node : nodes_of(two.cover(request, without))) EXPECT_GE(node, node_id(3));
    }
}

TEST(ChooseCover, FillsGapsFromAnotherGroup) {
    const Fleet two = fleet(2, 3, 1, 16);
    const auto without = [](const NodeId& node) { return node != node_id(1) && node != node_id(4); };
    const Cover cover = two.cover({}, without);
    std::vector<ShardId> lost;
    for (ShardId shard = 0; shard < 16; ++shard) {
        const auto& copies = two.index.placement.shards[shard];
        if (!without(copies[0].node) && !without(copies[1].node)) lost.push_back(shard);
    }
    EXPECT_EQ(cover.missing, lost);
    EXPECT_EQ(shards_of(cover).size() + lost.size(), 16U);
}

TEST(ChooseCover, ReadsADirtyCopyOnlyWhenNoGroupHasACleanOne) {
    Fleet two = fleet(2, 1, 1, 4);
    two.mark_dirty(2, 0);
    EXPECT_EQ(nodes_of(two.cover()), std::set<NodeId>{node_id(1)});
    EXPECT_TRUE(two.cover().dirty.empty());

    two.mark_dirty(3, 1);
    const Cover split = two.cover();
    EXPECT_TRUE(split.dirty.empty());
    EXPECT_EQ(split.shards_by_node.size(), 2U);

    two.mark_dirty(2, 1);
    EXPECT_EQ(two.cover().dirty, (std::vector<ShardId>{2}));
    EXPECT_EQ(shards_of(two.cover()), (std::vector<ShardId>{0, 1, 2, 3}));
}

TEST(ChooseCover, NeverReadsANodeWithStaleSettings) {
    Fleet two = fleet(2, 1, 1, 4);
    two.snapshot.stale_settings.insert({two.index.physical, node_id(0)});
    two.snapshot.stale_settings.insert({PhysicalIndexUid("another"), node_id(1)});
    EXPECT_EQ(nodes_of(two.cover()), std::set<NodeId>{node_id(1)});

    two.snapshot.stale_settings.insert({two.index.physical, node_id(1)});
    EXPECT_EQ(two.cover().missing, (std::vector<ShardId>{0, 1, 2, 3}));
}

TEST(ChooseCover, ReadsOnlyActiveCopiesOnActiveOrDrainingNodes) {
    Fleet one = fleet(1, 5, 5, 1);
    one.node(0).state = NodeState::joining;
    one.node(1).state = NodeState::removed;
    one.node(2).state = NodeState::draining;
    for (Copy& copy : one.index.placement.shards[0]) {
        if (copy.node == node_id(3)) copy.state = CopyState::filling;
        if (copy.node == node_id(4)) copy.state = CopyState::leaving;
    }
    EXPECT_EQ(nodes_of(one.cover()), std::set<NodeId>{node_id(2)});
}

TEST(ChooseCover, ACopyOnAnUnknownNodeIsNotRead) {
    Fleet one = fleet(1, 2, 1, 8);
    one.snapshot.topology.nodes.pop_back();
    const Cover cover = one.cover();
    EXPECT_EQ(nodes_of(cover), std::set<NodeId>{node_id(0)});
    EXPECT_EQ(shards_of(cover).size() + cover.missing.size(), 8U);
    EXPECT_FALSE(cover.missing.empty());
}

TEST(ChooseCover, AnIndexWithoutPlacementIsMissing) {
    Fleet one = fleet(1, 2, 1, 3);
    one.index.placement.shards.clear();
    EXPECT_EQ(one.cover().missing, (std::vector<ShardId>{0, 1, 2}));
}

TEST(ChooseCover, CoversAGroupTooLargeForAnExactSearch) {
    const Fleet one = fleet(1, 40, 2, 256);
    const Cover cover = one.cover();
    EXPECT_EQ(shards_of(cover).size(), 256U);
    EXPECT_LT(cover.shards_by_node.size(), 40U);
}

// A random fleet in a random condition, and what can be read of it, derived without the code under test.
struct RandomCase {
    Fleet fleet;
    CoverRequest request;
    std::set<NodeId> down;
    std::vector<ShardId> asked;

    explicit RandomCase(unsigned seed);
    bool readable(const Copy& copy) const;
    bool dirty(ShardId shard, const Copy& copy) const {
        return fleet.snapshot.dirty.contains({fleet.index.physical, shard, copy.node});
    }
    // Nodes of `group` that can answer cleanly for each asked shard; empty when one shard has none.
    std::vector<std::set<NodeId>> clean_rows(GroupId group) const;
    Cover cover() const {
        return fleet.cover(request, [this](const NodeId& node) { return !down.contains(node); });
    }
};

RandomCase::RandomCase(unsigned seed) {
    std::mt19937 random(seed);
    const auto below = [&](unsigned end) { return static_cast<unsigned>(random() % end); };
    const unsigned groups = 1 + below(3), nodes = 1 + below(6);
    fleet = cluster::fleet(groups, nodes, 1 + below(3), 1 + below(24));
    const unsigned trouble = below(4);
    for (Node& node : fleet.snapshot.topology.nodes) {
        if (below(12) < trouble) node.state = static_cast<NodeState>(below(4));
        if (below(12) < trouble) down.insert(node.id);
        if (below(20) < trouble) fleet.snapshot.stale_settings.insert({fleet.index.physical, node.id});
    }
    for (ShardId shard = 0; shard < fleet.index.shards; ++shard) {
        for (Copy& copy : fleet.index.placement.shards[shard]) {
            if (below(12) < trouble) copy.state = static_cast<CopyState>(below(3));
            if (below(12) < trouble) fleet.snapshot.dirty.insert({fleet.index.physical, shard, copy.node});
        }
        if (below(2)) asked.push_back(shard);
    }
    if (below(2)) {
        request.only = asked;
    } else {
        asked.clear();
        for (ShardId shard = 0; shard < fleet.index.shards; ++shard) asked.push_back(shard);
    }
    request.choice = random();
    if (below(3) == 0) request.preference = CoverPreference::spread;
}

bool RandomCase::readable(const Copy& copy) const {
    const Node* node = fleet.snapshot.topology.find(copy.node);
    return copy.state == CopyState::active && !down.contains(copy.node) &&
           (node->state == NodeState::active || node->state == NodeState::draining) &&
           !fleet.snapshot.stale_settings.contains({fleet.index.physical, copy.node});
}

std::vector<std::set<NodeId>> RandomCase::clean_rows(GroupId group) const {
    std::vector<std::set<NodeId>> rows;
    for (const ShardId shard : asked) {
        std::set<NodeId> row;
        for (const Copy& copy : fleet.index.placement.shards[shard])
            if (copy.group == group && readable(copy) && !dirty(shard, copy)) row.insert(copy.node);
        if (row.empty()) return {};
        rows.push_back(std::move(row));
    }
    return rows;
}

std::size_t fewest_nodes(const std::vector<std::set<NodeId>>& rows) {
    std::set<NodeId> all;
    for (const auto& row : rows) all.insert(row.begin(), row.end());
    const std::vector<NodeId> nodes(all.begin(), all.end());
    std::size_t fewest = nodes.size();
    for (unsigned set = 0; set < (1U << nodes.size()); ++set) {
        std::set<NodeId> picked;
        for (std::size_t i = 0; i < nodes.size(); ++i)
            if (set & (1U << i)) picked.insert(nodes[i]);
        const bool hits = std::all_of(rows.begin(), rows.end(), [&](const auto& row) {
            return std::any_of(row.begin(), row.end(),
                               [&](const NodeId& node) { return picked.contains(node); });
        });
        if (hits) fewest = std::min(fewest, picked.size());
    }
    return fewest;
}

void expect_each_shard_once(const RandomCase& test, const Cover& cover) {
    std::map<ShardId, NodeId> answered;
    for (const auto& [node, shards] : cover.shards_by_node) {
        EXPECT_TRUE(std::is_sorted(shards.begin(), shards.end()));
        EXPECT_FALSE(shards.empty());
        for (const ShardId shard : shards) EXPECT_TRUE(answered.emplace(shard, node).second);
    }
    std::vector<ShardId> missing, dirty;
    for (const ShardId shard : test.asked) {
        std::set<NodeId> clean, readable;
        for (const Copy& copy : test.fleet.index.placement.shards[shard]) {
            if (!test.readable(copy)) continue;
            readable.insert(copy.node);
            if (!test.dirty(shard, copy)) clean.insert(copy.node);
        }
        if (readable.empty()) {
            missing.push_back(shard);
            continue;
        }
        if (clean.empty()) dirty.push_back(shard);
        ASSERT_TRUE(answered.contains(shard));
        EXPECT_TRUE((clean.empty() ? readable : clean).contains(answered[shard]));
    }
    EXPECT_EQ(answered.size() + missing.size(), test.asked.size());
    EXPECT_EQ(cover.missing, missing);
    EXPECT_EQ(cover.dirty, dirty);
}

void expect_one_group_with_fewest_nodes(const RandomCase& test, const Cover& cover) {
    std::optional<std::size_t> fewest;
    for (const Group& group : test.fleet.snapshot.topology.groups) {
        const auto rows = test.clean_rows(group.id);
        if (rows.empty()) continue;
        fewest = std::min(fewest.value_or(SIZE_MAX), fewest_nodes(rows));
    }
    if (!fewest) return;
    std::set<GroupId> groups;
    for (const NodeId& node : nodes_of(cover)) groups.insert(test.fleet.snapshot.topology.find(node)->group);
    EXPECT_EQ(groups.size(), 1U);
    if (test.request.preference == CoverPreference::fewest) EXPECT_EQ(cover.shards_by_node.size(), *fewest);
}

TEST(ChooseCover, HoldsItsRulesInRandomFleets) {
    for (unsigned seed = 0; seed < 3000; ++seed) {
        SCOPED_TRACE(seed);
        const RandomCase test(seed);
        const Cover cover = test.cover();
        expect_each_shard_once(test, cover);
        expect_one_group_with_fewest_nodes(test, cover);
        EXPECT_EQ(RandomCase(seed).cover(), cover) << "equal inputs give equal covers";
        if (testing::Test::HasFailure()) break;
    }
}

}  // namespace
}  // namespace miroir::cluster
