#include "miroir/writes/lanes.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <random>

namespace miroir::writes {
namespace {

coordination::ConflictSet shards(std::vector<ShardId> list) {
    coordination::ConflictSet set;
    set.shards = std::move(list);
    return set;
}

coordination::ConflictSet whole() {
    coordination::ConflictSet set;
    set.whole_index = true;
    return set;
}

TEST(Conflict, IsAboutSharedShardsOrTheWholeIndex) {
    EXPECT_TRUE(conflict(shards({1, 5}), shards({2, 5})));
    EXPECT_FALSE(conflict(shards({1, 5}), shards({2, 6})));
    EXPECT_TRUE(conflict(whole(), shards({3})));
    EXPECT_TRUE(conflict(shards({}), whole()));
}

struct LanesTest : testing::Test {
    asio::io_context context;
    Lanes lanes{context.get_executor()};
    PhysicalIndexUid index{"p"};
    NodeId node{"n"};
    std::vector<int> sent;

    void wait(std::shared_ptr<Lanes::Place> place, int number) {
        auto body = [](LanesTest* test, std::shared_ptr<Lanes::Place> held, int which) -> Async<void> {
            co_await held->turn();
            test->sent.push_back(which);
        };
        asio::co_spawn(context, body(this, std::move(place), number), asio::detached);
    }
    std::shared_ptr<Lanes::Place> enter(const coordination::ConflictSet& set) {
        return std::make_shared<Lanes::Place>(lanes.enter(index, node, set));
    }
    void run() {
        context.restart();
        context.poll();
    }
};

TEST_F(LanesTest, AConflictingRequestWaitsForTheOneBefore) {
    auto first = enter(shards({1}));
    auto second = enter(shards({1}));
    wait(second, 2);
    wait(first, 1);
    run();
    EXPECT_EQ(sent, (std::vector<int>{1}));
    first->leave();
    run();
    EXPECT_EQ(sent, (std::vector<int>{1, 2}));
}

TEST_F(LanesTest, OthersGoAtOnce) {
    auto first = enter(shards({1}));
    auto second = enter(shards({2}));
    wait(second, 2);
    run();
    EXPECT_EQ(sent, (std::vector<int>{2}));
}

TEST_F(LanesTest, AWholeIndexRequestWaitsForAllAndHoldsAll) {
    auto first = enter(shards({1}));
    auto second = enter(whole());
    auto third = enter(shards({2}));
    wait(third, 3);
    wait(second, 2);
    run();
    EXPECT_TRUE(sent.empty());
    first->leave();
    run();
    EXPECT_EQ(sent, (std::vector<int>{2}));
    second->leave();
    run();
    EXPECT_EQ(sent, (std::vector<int>{2, 3}));
}

TEST_F(LanesTest, APlaceThatIsDroppedHoldsNobodyUp) {
    auto first = enter(shards({1}));
    auto second = enter(shards({1}));
    wait(second, 2);
    first.reset();
    run();
    EXPECT_EQ(sent, (std::vector<int>{2}));
    EXPECT_EQ(lanes.held(), 1U);
}

TEST_F(LanesTest, ConflictingRequestsLeaveInTheOrderTheyEnteredWhateverTheSchedule) {
    for (unsigned seed = 0; seed < 200; ++seed) {
        std::mt19937 random(seed);
        sent.clear();
        std::vector<std::shared_ptr<Lanes::Place>> places;
        std::vector<coordination::ConflictSet> sets;
        for (int i = 0; i < 12; ++i) {
            auto set = random() % 6 == 0 ? whole() : shards({static_cast<ShardId>(random() % 3)});
            places.push_back(enter(set));
            sets.push_back(std::move(set));
        }
        for (int i = 11; i >= 0; --i) {
            wait(places[static_cast<std::size_t>(i)], i);
        }
        std::size_t left = 0;
        while (left < 12) {
            run();
            ASSERT_GT(sent.size(), left) << "seed " << seed << ": nobody may go";
            places[static_cast<std::size_t>(sent[left++])]->leave();
        }
        for (std::size_t a = 0; a < sent.size(); ++a) {
            for (std::size_t b = a + 1; b < sent.size(); ++b) {
                const auto earlier = static_cast<std::size_t>(sent[a]);
                const auto later = static_cast<std::size_t>(sent[b]);
                EXPECT_FALSE(later < earlier && conflict(sets[earlier], sets[later])) << "seed " << seed;
            }
        }
    }
}

}  // namespace
}  // namespace miroir::writes
