#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "miroir/base/clock.hpp"
#include "miroir/coordination/lease_elector.hpp"
#include "miroir/runtime/async.hpp"
#include "miroir/runtime/concurrency.hpp"

namespace miroir::leases {

struct LeaseTiming {
    coordination::Ttl ttl{10'000};
    std::chrono::milliseconds renew_every{3'000};
};

// One lease, renewed on a timer of its own beside the work that is done under it. Used on one executor, but
// for held(). The elector and the clock outlive it.
class LeaseKeeper {
public:
    LeaseKeeper(Executor executor, coordination::LeaseElector& elector, std::string name, std::string holder,
                LeaseTiming timing = {}, const Clock& clock = system_clock());
    ~LeaseKeeper();  // release() first
    LeaseKeeper(LeaseKeeper&&) = delete;

    // Asks once; false when someone else holds the lease. When granted, it is renewed until release() or
    // until a renewal is refused, fails or comes too late: then `on_lost` is called, once, and the work must
    // stop.
    Async<bool> acquire(std::function<void()> on_lost = {});

    // For the work to check at every step; from any thread. Also false when the time-to-live has passed since
    // the last renewal was sent, by this machine's clock, whatever became of the timer.
    bool held() const;

    // What fenced writes carry; empty when not acquired or lost.
    std::optional<coordination::Lease> lease() const;

    // Stops renewing and frees the lease; on_lost is not called any more.
    Async<void> release();

private:
    Async<void> keep_renewing(coordination::Lease held);
    Async<void> stop_renewing();
    void set_valid_from(SteadyTime sent);
    void lose();

    const Executor executor_;
    coordination::LeaseElector& elector_;
    const std::string name_;
    const std::string holder_;
    const LeaseTiming timing_;
    const Clock& clock_;
    std::optional<coordination::Lease> lease_;
    std::function<void()> on_lost_;
    std::atomic<bool> granted_ = false;
    std::atomic<SteadyTime::rep> valid_until_ = 0;
    std::unique_ptr<runtime::TaskGroup> renewal_;
};

}  // namespace miroir::leases
