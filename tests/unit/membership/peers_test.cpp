#include "miroir/membership/peers.hpp"

#include <gtest/gtest.h>

#include "loop.hpp"
#include "miroir/coordination/store_error.hpp"
#include "miroir/runtime/gather.hpp"
#include "miroir/stores/sqlite/store.hpp"
#include "temporary_folder.hpp"

namespace miroir::membership {
namespace {

using namespace std::chrono_literals;

class StoppedClock final : public Clock {
public:
    WallTime wall() const override { return {us}; }
    SteadyTime steady() const override { return SteadyTime(std::chrono::microseconds(us)); }
    void pass(std::chrono::milliseconds time) { us += std::chrono::microseconds(time).count(); }
    std::int64_t us = 1'764'000'000'000'000;
};

// A registry whose heartbeats may fail.
struct FailingRegistry final : coordination::PeerRegistry {
    explicit FailingRegistry(coordination::PeerRegistry& i) : inner(i) {}
    Async<void> beat(coordination::Peer peer, std::chrono::milliseconds ttl) override {
        if (away) throw coordination::StoreUnavailable("away");
        return inner.beat(std::move(peer), ttl);
    }
    Async<std::vector<coordination::Peer>> live() override { return inner.live(); }
    Async<void> leave(ReplicaId id) override { return inner.leave(std::move(id)); }
    coordination::PeerRegistry& inner;
    bool away = false;
};

struct PeersTest : testing::Test {
    TemporaryFolder folder;
    test::Loop loop;
    StoppedClock clock;
    std::unique_ptr<coordination::Store> store = open_store();
    FailingRegistry registry{store->peers()};
    Peers peers{registry, {ReplicaId("r1"), "1", 5s, 1s}, loop.executor(), null_log(), null_metrics(), clock};

    std::unique_ptr<coordination::Store> open_store() {
        stores::SqliteStoreOptions options;
        options.clock = &clock;
        return stores::open_sqlite_store("sqlite://" + (folder.path() / "miroir.db").string(), options);
    }
    void beat_of(const std::string& id) { loop.run(store->peers().beat({ReplicaId(id), "1"}, 5s)); }
    std::vector<std::string> live() const {
        std::vector<std::string> ids;
        for (const auto& id : peers.live()) ids.push_back(id.str());
        return ids;
    }
};

TEST_F(PeersTest, IsAliveUntilAHeartbeatBeforeItsTimeRunsOut) {
    EXPECT_FALSE(peers.alive()) << "nobody has heard of it";
    loop.run(peers.beat());
    EXPECT_TRUE(peers.alive());
    clock.pass(3999ms);
    EXPECT_TRUE(peers.alive());
    clock.pass(1ms);
    EXPECT_FALSE(peers.alive());
    loop.run(peers.beat());
    EXPECT_TRUE(peers.alive());
}

TEST_F(PeersTest, AHeartbeatThatFailedProlongsNothing) {
    loop.run(peers.beat());
    clock.pass(3s);
    registry.away = true;
    EXPECT_THROW(loop.run(peers.beat()), coordination::StoreUnavailable);
    clock.pass(1s);
    EXPECT_FALSE(peers.alive());
}

TEST_F(PeersTest, KnowsWhoLives) {
    loop.run(peers.beat());
    EXPECT_EQ(live(), (std::vector<std::string>{"r1"}));
    beat_of("r2");
    loop.run(peers.beat());
    EXPECT_EQ(live(), (std::vector<std::string>{"r1", "r2"}));
    clock.pass(5s);
    loop.run(peers.beat());
    EXPECT_EQ(live(), (std::vector<std::string>{"r1"}));
}

TEST_F(PeersTest, EveryJobIsOneReplicas) {
    Peers second{registry, {ReplicaId("r2"), "1", 5s, 1s}, loop.executor(), null_log(), null_metrics(),
                 clock};
    loop.run(peers.beat());
    loop.run(second.beat());
    loop.run(peers.beat());
    int mine = 0;
    for (int i = 0; i < 200; ++i) {
        const auto job = "job " + std::to_string(i);
        EXPECT_NE(peers.is_mine(job), second.is_mine(job));
        mine += peers.is_mine(job) ? 1 : 0;
    }
    EXPECT_GT(mine, 50);
    EXPECT_LT(mine, 150);
}

TEST_F(PeersTest, WaitsUntilTheOthersSeeAViewButNotForOnesThatAreGone) {
    loop.run(peers.beat());
    loop.run(peers.all_see(9));
    loop.run(store->peers().beat({ReplicaId("r2"), "1", 9}, 5s));
    loop.run(peers.all_see(9));
    bool seen = false;
    const auto waiting = [&]() -> Async<void> {
        co_await peers.all_see(10);
        seen = true;
    };
    const auto reading = [&]() -> Async<void> {
        co_await runtime::sleep_for(30ms);
        EXPECT_FALSE(seen);
        coordination::Peer second{ReplicaId("r2"), "1", 11};
        co_await store->peers().beat(std::move(second), 5s);
    };
    std::vector<Async<void>> both;
    both.push_back(waiting());
    both.push_back(reading());
    loop.run(runtime::gather(std::move(both)));
    EXPECT_TRUE(seen);
    clock.pass(5s);
    loop.run(peers.all_see(12));
}

TEST_F(PeersTest, DoesNotWaitForeverForOneThatLivesAndDoesNotFollow) {
    Peers impatient{registry,        {ReplicaId("r3"), "1", 60ms, 20ms},
                    loop.executor(), null_log(),
                    null_metrics(),  system_clock()};
    const auto still = [&]() -> Async<void> {
        coordination::Peer second{ReplicaId("r2"), "1", 9};
        co_await store->peers().beat(std::move(second), 60s);
        co_await impatient.all_see(10);
    };
    loop.run(still());
}

TEST_F(PeersTest, TellsTheOthersWhatItSees) {
    beat_of("r2");
    loop.run(peers.start());
    peers.saw_view(7);
    const auto told = [&]() -> Async<void> {
        for (std::uint64_t view = 0; view != 7;) {
            const auto live = co_await store->peers().live();
            for (const auto& peer : live) {
                if (peer.id == peers.self()) view = peer.view;
            }
            co_await runtime::sleep_for(1ms);
        }
    };
    loop.run(told());
    loop.run(peers.stop());
}

TEST_F(PeersTest, LeavesWhenItStops) {
    loop.run(peers.start());
    EXPECT_EQ(loop.run(store->peers().live()).size(), 1U);
    loop.run(peers.stop());
    EXPECT_FALSE(peers.alive());
    EXPECT_TRUE(loop.run(store->peers().live()).empty());
}

}  // namespace
}  // namespace miroir::membership
