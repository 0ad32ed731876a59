#include <atomic>

#include "store_contract.hpp"

namespace miroir::contract {
namespace {

class TopologyStoreContract : public StoreContract {
protected:
    coordination::TopologyStore& topology() { return store().topology(); }
};
MIROIR_CONTRACT(TopologyStoreContract);

TEST_P(TopologyStoreContract, IsEmptyUntilSeeded) {
    EXPECT_EQ(run(topology().load()), std::nullopt);
    EXPECT_EQ(run(topology().replace(0, a_topology())), 1U);

    auto expected = a_topology();
    expected.epoch = 1;
    EXPECT_EQ(run(topology().load()), expected);
}

TEST_P(TopologyStoreContract, EachReplacementRaisesTheEpochByOne) {
    auto next = a_topology();
    run(topology().replace(0, next));
    next.nodes[1].state = cluster::NodeState::draining;
    next.groups.push_back({3, cluster::GroupState::initializing});
    EXPECT_EQ(run(topology().replace(1, next)), 2U);
    next.epoch = 2;
    EXPECT_EQ(run(topology().load()), next);
}

TEST_P(TopologyStoreContract, AnOldEpochReplacesNothing) {
    run(topology().replace(0, a_topology()));
    auto other = a_topology();
    other.replication_factor = 9;
    EXPECT_EQ(run(topology().replace(0, other)), std::nullopt);
    EXPECT_EQ(run(topology().replace(2, other)), std::nullopt);
    EXPECT_EQ(run(topology().load())->replication_factor, 2U);
    EXPECT_EQ(run(topology().load())->epoch, 1U);
}

TEST_P(TopologyStoreContract, OneOfManySeedersWins) {
    std::atomic<int> winners = 0;
    at_once(6, [&](std::size_t i) {
        if (run(replica(i).topology().replace(0, a_topology()))) ++winners;
    });
    EXPECT_EQ(winners, 1);
    EXPECT_EQ(run(topology().load())->epoch, 1U);
}

TEST_P(TopologyStoreContract, SurvivesARestart) {
    run(topology().replace(0, a_topology()));
    restart();
    EXPECT_EQ(run(topology().load())->nodes, a_topology().nodes);
    EXPECT_EQ(run(topology().replace(1, a_topology())), 2U);
}

}  // namespace
}  // namespace miroir::contract
