#include "miroir/leases/lease_keeper.hpp"

#include <gtest/gtest.h>

#include <boost/asio/this_coro.hpp>
#include <deque>

#include "miroir/coordination/store_error.hpp"
#include "run_async.hpp"

namespace miroir::leases {
namespace {

using namespace std::chrono_literals;
using coordination::Lease;
using coordination::Ttl;

class FakeClock final : public Clock {
public:
    WallTime wall() const override { return {}; }
    SteadyTime steady() const override { return now; }
    SteadyTime now{std::chrono::hours(1)};
};

// Grants what it is told to; renewals answer from a list, then always yes.
class FakeElector final : public coordination::LeaseElector {
public:
    explicit FakeElector(Executor executor) : renewed(std::move(executor)) {}

    Async<std::optional<Lease>> try_acquire(std::string name, std::string holder, Ttl) override {
        if (!free) co_return std::nullopt;
        co_return Lease{name, holder, ++token};
    }
    Async<bool> renew(Lease held, Ttl ttl) override {
        ++renewals;
        last_renewed = held;
        last_ttl = ttl;
        renewed.notify_all();
        if (on_renew) on_renew();
        if (answers.empty()) co_return true;
        const bool answer = answers.front();
        answers.pop_front();
        co_return answer;
    }
    Async<bool> verify_held(Lease) override { co_return true; }
    Async<void> release(Lease held) override {
        released.push_back(held.token);
        co_return;
    }

    bool free = true;
    FenceToken token = 0;
    int renewals = 0;
    Lease last_renewed;
    Ttl last_ttl{};
    std::deque<bool> answers;
    std::function<void()> on_renew;
    std::vector<FenceToken> released;
    runtime::Signal renewed;
};

constexpr LeaseTiming quick{10s, 1ms};
constexpr LeaseTiming never_renewed{10s, 1h};

// A keeper, its elector and clock on the executor of the running test.
struct Scene {
    explicit Scene(Executor executor, LeaseTiming timing)
        : elector(executor),
          lost(executor),
          keeper(std::move(executor), elector, "ilm", "replica-1", timing, clock) {}

    Async<bool> acquire() {
        return keeper.acquire([this] {
            ++losses;
            lost.notify_all();
        });
    }
    Async<void> wait_for_loss() {
        while (losses == 0) {
            const bool notified = co_await lost.wait(30s);
            if (!notified) throw std::logic_error("the loss is never told");
        }
    }
    Async<void> wait_for_renewals(int count) {
        while (elector.renewals < count) {
            const bool notified = co_await elector.renewed.wait(30s);
            if (!notified) throw std::logic_error("nothing renews the lease");
        }
    }

    FakeClock clock;
    FakeElector elector;
    runtime::Signal lost;
    int losses = 0;
    LeaseKeeper keeper;
};

using Body = std::function<Async<void>(Scene&)>;

Async<void> play(LeaseTiming timing, Body body) {
    const Executor executor = co_await asio::this_coro::executor;
    Scene scene(executor, timing);
    co_await body(scene);
    co_await scene.keeper.release();
}

TEST(LeaseKeeper, RenewsTheGrantUntilItIsReleased) {
    run(play(quick, [](Scene& scene) -> Async<void> {
        const bool granted = co_await scene.acquire();
        EXPECT_TRUE(granted);
        co_await scene.wait_for_renewals(3);
        EXPECT_EQ(scene.elector.last_renewed.name, "ilm");
        EXPECT_EQ(scene.elector.last_renewed.holder, "replica-1");
        EXPECT_EQ(scene.elector.last_renewed.token, 1U);
        EXPECT_EQ(scene.elector.last_ttl, 10s);
        EXPECT_TRUE(scene.keeper.held());
        EXPECT_EQ(scene.keeper.lease()->token, 1U);

        co_await scene.keeper.release();
        EXPECT_FALSE(scene.keeper.held());
        EXPECT_EQ(scene.elector.released, std::vector<FenceToken>{1});
        EXPECT_EQ(scene.losses, 0);
    }));
}

TEST(LeaseKeeper, IsNotGrantedWhatSomeoneElseHolds) {
    run(play(quick, [](Scene& scene) -> Async<void> {
        scene.elector.free = false;
        const bool granted = co_await scene.acquire();
        EXPECT_FALSE(granted);
        EXPECT_FALSE(scene.keeper.held());
        EXPECT_EQ(scene.keeper.lease(), std::nullopt);
        co_await scene.keeper.release();
        EXPECT_TRUE(scene.elector.released.empty());
        EXPECT_EQ(scene.elector.renewals, 0);
    }));
}

TEST(LeaseKeeper, ARefusedRenewalIsALoss) {
    run(play(quick, [](Scene& scene) -> Async<void> {
        scene.elector.answers = {true, false};
        co_await scene.acquire();
        co_await scene.wait_for_loss();
        EXPECT_FALSE(scene.keeper.held());
        EXPECT_EQ(scene.keeper.lease(), std::nullopt);
        EXPECT_EQ(scene.elector.renewals, 2);
        co_await scene.keeper.release();
        EXPECT_EQ(scene.losses, 1);
        EXPECT_EQ(scene.elector.renewals, 2);
    }));
}

TEST(LeaseKeeper, AStoreThatIsAwayIsALoss) {
    run(play(quick, [](Scene& scene) -> Async<void> {
        scene.elector.on_renew = [] { throw coordination::StoreUnavailable("away"); };
        co_await scene.acquire();
        co_await scene.wait_for_loss();
        EXPECT_FALSE(scene.keeper.held());
    }));
}

TEST(LeaseKeeper, ARenewalThatTookTooLongIsALoss) {
    run(play(quick, [](Scene& scene) -> Async<void> {
        scene.elector.on_renew = [&scene] { scene.clock.now += 11s; };
        co_await scene.acquire();
        co_await scene.wait_for_loss();
        EXPECT_FALSE(scene.keeper.held());
        EXPECT_EQ(scene.elector.renewals, 1);
    }));
}

TEST(LeaseKeeper, TheTimeCountsFromWhenTheRenewalWasSent) {
    run(play(quick, [](Scene& scene) -> Async<void> {
        scene.elector.on_renew = [&scene] {
            if (scene.elector.renewals == 1) scene.clock.now += 6s;
        };
        co_await scene.acquire();
        co_await scene.wait_for_renewals(1);
        scene.elector.on_renew = [] { throw coordination::StoreUnavailable("away"); };
        EXPECT_TRUE(scene.keeper.held());
        scene.clock.now += 4s;
        EXPECT_FALSE(scene.keeper.held());
    }));
}

TEST(LeaseKeeper, IsNotHeldOnceItsTimeHasPassedWithoutARenewal) {
    run(play(never_renewed, [](Scene& scene) -> Async<void> {
        co_await scene.acquire();
        scene.clock.now += 10s - 1ns;
        EXPECT_TRUE(scene.keeper.held());
        scene.clock.now += 1ns;
        EXPECT_FALSE(scene.keeper.held());
        EXPECT_EQ(scene.keeper.lease(), std::nullopt);
    }));
}

TEST(LeaseKeeper, MayAcquireAgainAfterALoss) {
    run(play(quick, [](Scene& scene) -> Async<void> {
        scene.elector.answers = {false};
        co_await scene.acquire();
        co_await scene.wait_for_loss();
        const bool granted = co_await scene.acquire();
        EXPECT_TRUE(granted);
        EXPECT_EQ(scene.keeper.lease()->token, 2U);
        co_await scene.wait_for_renewals(3);
        EXPECT_EQ(scene.elector.last_renewed.token, 2U);
        EXPECT_EQ(scene.losses, 1);
    }));
}

TEST(LeaseKeeper, AskingForWhatIsHeldKeepsTheGrant) {
    run(play(never_renewed, [](Scene& scene) -> Async<void> {
        co_await scene.acquire();
        const bool granted = co_await scene.acquire();
        EXPECT_TRUE(granted);
        EXPECT_EQ(scene.elector.token, 1U);
    }));
}

}  // namespace
}  // namespace miroir::leases
