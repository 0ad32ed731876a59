#include "miroir/leases/lease_keeper.hpp"

#include <utility>

namespace miroir::leases {

using coordination::Lease;

LeaseKeeper::LeaseKeeper(Executor executor, coordination::LeaseElector& elector, std::string name,
                         std::string holder, LeaseTiming timing, const Clock& clock)
    : executor_(std::move(executor)),
      elector_(elector),
      name_(std::move(name)),
      holder_(std::move(holder)),
      timing_(timing),
      clock_(clock) {}

LeaseKeeper::~LeaseKeeper() = default;

Async<bool> LeaseKeeper::acquire(std::function<void()> on_lost) {
    if (held()) co_return true;
    co_await stop_renewing();
    lease_.reset();

    const SteadyTime sent = clock_.steady();
    auto granted = co_await elector_.try_acquire(name_, holder_, timing_.ttl);
    if (!granted) co_return false;

    lease_ = std::move(granted);
    on_lost_ = std::move(on_lost);
    set_valid_from(sent);
    granted_ = true;
    // A renewal that fails in whatever way ends its coroutine.
    auto on_failure = [this](const std::string&, const std::string&) { lose(); };
    renewal_ = std::make_unique<runtime::TaskGroup>(executor_, std::move(on_failure));
    renewal_->spawn("lease " + name_, [this, lease = *lease_] { return keep_renewing(lease); });
    co_return true;
}

bool LeaseKeeper::held() const {
    return granted_ && clock_.steady().time_since_epoch().count() < valid_until_;
}

std::optional<Lease> LeaseKeeper::lease() const {
    return held() ? lease_ : std::nullopt;
}

Async<void> LeaseKeeper::release() {
    granted_ = false;
    co_await stop_renewing();
    const auto lease = std::exchange(lease_, std::nullopt);
    if (!lease) co_return;
    co_await elector_.release(*lease);
}

Async<void> LeaseKeeper::keep_renewing(Lease held_lease) {
    for (;;) {
        co_await runtime::sleep_for(timing_.renew_every);
        const SteadyTime sent = clock_.steady();
        const bool ours = co_await elector_.renew(held_lease, timing_.ttl);
        if (!ours || !held()) break;
        set_valid_from(sent);
    }
    lose();
}

Async<void> LeaseKeeper::stop_renewing() {
    const auto renewal = std::move(renewal_);
    if (renewal) co_await renewal->stop();
}

// Counted from before the request left: the store's count began no earlier.
void LeaseKeeper::set_valid_from(SteadyTime sent) {
    valid_until_ = (sent + timing_.ttl).time_since_epoch().count();
}

void LeaseKeeper::lose() {
    if (granted_.exchange(false) && on_lost_) on_lost_();
}

}  // namespace miroir::leases
