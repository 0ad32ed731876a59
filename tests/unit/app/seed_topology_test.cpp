#include "app/seed_topology.hpp"

#include <gtest/gtest.h>

namespace miroir::app {
namespace {

Configuration with_nodes(std::vector<NodeEntry> nodes) {
    Configuration configuration;
    configuration.placement.replication_factor = 2;
    configuration.nodes = std::move(nodes);
    return configuration;
}

TEST(SeedTopology, TheFirstStartTakesTheConfiguredNodesAsActive) {
    const auto seed = seed_topology({}, with_nodes({{"b", "http://b", 0}, {"a", "http://a", 1}}));
    EXPECT_TRUE(seed.changed);
    ASSERT_EQ(seed.topology.nodes.size(), 2U);
    EXPECT_EQ(seed.topology.nodes[0].id, NodeId("a"));
    EXPECT_EQ(seed.topology.nodes[0].state, cluster::NodeState::active);
    EXPECT_EQ(seed.topology.replication_factor, 2U);
    EXPECT_EQ(seed.topology.groups.size(), 2U);
}

TEST(SeedTopology, LaterNewIdsJoinAndMissingOnesAreKept) {
    auto stored = seed_topology({}, with_nodes({{"a", "http://a", 0}})).topology;
    stored.epoch = 4;
    const auto seed = seed_topology(stored, with_nodes({{"b", "http://b", 0}}));
    EXPECT_TRUE(seed.changed);
    ASSERT_EQ(seed.topology.nodes.size(), 2U);
    EXPECT_EQ(seed.topology.nodes[0].state, cluster::NodeState::active);
    EXPECT_EQ(seed.topology.nodes[1].state, cluster::NodeState::joining);
    ASSERT_EQ(seed.remarks.size(), 1U);
    EXPECT_NE(seed.remarks[0].find("node a"), std::string::npos);
}

TEST(SeedTopology, ARemovedIdIsReportedAndNotTakenBack) {
    auto stored = seed_topology({}, with_nodes({{"a", "http://a", 0}})).topology;
    stored.epoch = 4;
    stored.nodes[0].state = cluster::NodeState::removed;
    const auto seed = seed_topology(stored, with_nodes({{"a", "http://a", 0}}));
    EXPECT_FALSE(seed.changed);
    EXPECT_EQ(seed.topology.nodes[0].state, cluster::NodeState::removed);
    EXPECT_EQ(seed.remarks.size(), 1U);
}

TEST(SeedTopology, AnEqualConfigurationChangesNothingAndANewAddressIsFollowed) {
    auto stored = seed_topology({}, with_nodes({{"a", "http://a", 0}})).topology;
    stored.epoch = 4;
    EXPECT_FALSE(seed_topology(stored, with_nodes({{"a", "http://a", 0}})).changed);
    const auto moved = seed_topology(stored, with_nodes({{"a", "http://elsewhere", 0}}));
    EXPECT_TRUE(moved.changed);
    EXPECT_EQ(moved.topology.nodes[0].url, "http://elsewhere");
}

}  // namespace
}  // namespace miroir::app
