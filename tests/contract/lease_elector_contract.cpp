#include <atomic>

#include "store_contract.hpp"

namespace miroir::contract {
namespace {

using coordination::Lease;

class LeaseElectorContract : public StoreContract {
protected:
    coordination::LeaseElector& leases() { return store().leases(); }
    std::optional<Lease> acquire(const std::string& holder, coordination::Ttl ttl = 1s) {
        return run(leases().try_acquire("rebalance:books", holder, ttl));
    }
};
MIROIR_CONTRACT(LeaseElectorContract);

TEST_P(LeaseElectorContract, OneHolderAtATime) {
    const auto first = acquire("replica-1");
    ASSERT_TRUE(first);
    EXPECT_EQ(first->name, "rebalance:books");
    EXPECT_EQ(first->holder, "replica-1");
    EXPECT_FALSE(acquire("replica-2"));
    EXPECT_TRUE(run(leases().try_acquire("rebalance:films", "replica-2", 1s)));
    EXPECT_TRUE(run(leases().verify_held(*first)));
}

TEST_P(LeaseElectorContract, ExpiresByTheStoresClock) {
    const auto first = acquire("replica-1").value();
    let_time_pass(999ms);
    EXPECT_TRUE(run(leases().verify_held(first)));
    EXPECT_FALSE(acquire("replica-2"));
    let_time_pass(1ms);
    EXPECT_FALSE(run(leases().verify_held(first)));
    EXPECT_FALSE(run(leases().renew(first, 1s)));
    EXPECT_TRUE(acquire("replica-2"));
}

TEST_P(LeaseElectorContract, RenewalKeepsIt) {
    const auto first = acquire("replica-1").value();
    for (int i = 0; i < 5; ++i) {
        let_time_pass(900ms);
        EXPECT_TRUE(run(leases().renew(first, 1s)));
    }
    EXPECT_FALSE(acquire("replica-2"));
    EXPECT_TRUE(run(leases().verify_held(first)));
}

TEST_P(LeaseElectorContract, EveryGrantRaisesTheToken) {
    const auto first = acquire("replica-1").value();
    run(leases().release(first));
    const auto second = acquire("replica-1").value();
    let_time_pass(2s);
    const auto third = acquire("replica-2").value();
    run(leases().release(third));
    restart();
    const auto fourth = acquire("replica-1").value();
    EXPECT_LT(first.token, second.token);
    EXPECT_LT(second.token, third.token);
    EXPECT_LT(third.token, fourth.token);
}

TEST_P(LeaseElectorContract, AHolderThatForgotItsLeaseGetsANewOne) {
    const auto first = acquire("replica-1").value();
    const auto second = acquire("replica-1").value();
    EXPECT_LT(first.token, second.token);
    EXPECT_FALSE(run(leases().verify_held(first)));
    EXPECT_FALSE(run(leases().renew(first, 1s)));
    EXPECT_TRUE(run(leases().verify_held(second)));
}

TEST_P(LeaseElectorContract, AReleasedLeaseIsFreeAtOnce) {
    const auto first = acquire("replica-1").value();
    run(leases().release(first));
    EXPECT_FALSE(run(leases().verify_held(first)));
    EXPECT_FALSE(run(leases().renew(first, 1s)));
    EXPECT_TRUE(acquire("replica-2"));
}

TEST_P(LeaseElectorContract, ReleaseByAStaleHolderLeavesItsSuccessorInPlace) {
    const auto stale = acquire("replica-1").value();
    let_time_pass(2s);
    const auto current = acquire("replica-2").value();

    run(leases().release(stale));

    EXPECT_TRUE(run(leases().renew(current, 1s)));
    EXPECT_FALSE(acquire("replica-1"));
}

TEST_P(LeaseElectorContract, AForgedLeaseIsNotHeld) {
    const auto lease = acquire("replica-1").value();
    for (const Lease& forged :
         {Lease{lease.name, "replica-2", lease.token}, Lease{lease.name, lease.holder, lease.token + 1},
          Lease{"rebalance:films", lease.holder, lease.token}}) {
        EXPECT_FALSE(run(leases().verify_held(forged)));
        EXPECT_FALSE(run(leases().renew(forged, 1s)));
        run(leases().release(forged));
    }
    EXPECT_TRUE(run(leases().verify_held(lease)));
}

TEST_P(LeaseElectorContract, ExactlyOneOfManyWins) {
    for (int round = 0; round < 5; ++round) {
        std::atomic<int> winners = 0;
        at_once(6, [&](std::size_t i) {
            auto call = replica(i).leases().try_acquire("ilm", "replica-" + std::to_string(i), 1s);
            if (run(std::move(call))) ++winners;
        });
        EXPECT_EQ(winners, 1);
        let_time_pass(2s);
    }
}

}  // namespace
}  // namespace miroir::contract
