#include "miroir/membership/peers.hpp"

#include <algorithm>

#include "miroir/coordination/store_error.hpp"
#include "miroir/membership/ownership.hpp"

namespace miroir::membership {

Peers::Peers(coordination::PeerRegistry& registry, PeerOptions options, Executor control, Log& log,
             Metrics& metrics, const Clock& clock)
    : registry_(registry),
      options_(std::move(options)),
      log_(log),
      gauge_(metrics.gauge("miroir_peers", "Replicas that are alive, this one included, as it sees them.")),
      clock_(clock),
      live_{options_.self},
      news_(control),
      group_(control, runtime::log_errors(log)) {}

Async<void> Peers::start() {
    co_await beat();
    group_.spawn("heartbeats", [this]() { return beat_forever(); });
}

Async<void> Peers::stop() {
    co_await group_.stop();
    alive_until_ = SteadyTime::min().time_since_epoch().count();
    try {
        auto self = options_.self;
        co_await registry_.leave(std::move(self));
    } catch (const coordination::StoreUnavailable&) {
        log_.warn(
            "the coordination store is away: the other replicas wait until this one's time has run out");
    }
}

Async<void> Peers::beat() {
    // Counted from before the step: the store's count began no earlier.
    const auto sent = clock_.steady();
    coordination::Peer peer{options_.self, options_.version, view_};
    co_await registry_.beat(std::move(peer), options_.ttl);
    const auto until = sent + options_.ttl - options_.heartbeat;
    alive_until_ = until.time_since_epoch().count();
    auto peers = co_await registry_.live();
    set_live(std::move(peers));
}

void Peers::saw_view(std::uint64_t version) {
    if (version == view_) return;
    view_ = version;
    if (live_.size() > 1) news_.notify_all();
}

Async<void> Peers::all_see(std::uint64_t version) {
    const auto deadline = Deadline::in(options_.ttl);
    for (;;) {
        const auto peers = co_await registry_.live();
        const bool seen = std::all_of(peers.begin(), peers.end(), [&](const coordination::Peer& peer) {
            return peer.id == options_.self || peer.view >= version;
        });
        if (seen || deadline.passed()) co_return;
        co_await runtime::sleep_for(std::chrono::milliseconds(10));
    }
}

bool Peers::alive() const {
    return clock_.steady().time_since_epoch().count() < alive_until_;
}

bool Peers::is_mine(std::string_view job) const {
    return owner_of(job, live_) == options_.self;
}

void Peers::set_live(std::vector<coordination::Peer> peers) {
    std::vector<ReplicaId> live;
    for (auto& peer : peers) live.push_back(std::move(peer.id));
    gauge_.set(static_cast<double>(live.size()));
    live_ = std::move(live);
}

Async<void> Peers::beat_forever() {
    bool away = false;
    for (;;) {
        co_await news_.wait(options_.heartbeat);
        bool failed = false;
        try {
            co_await beat();
        } catch (const coordination::StoreUnavailable&) {
            failed = true;
        }
        if (failed && !away) log_.warn("the coordination store is away: heartbeats are missed");
        if (!failed && away) log_.info("heartbeats reach the coordination store again");
        away = failed;
    }
}

}  // namespace miroir::membership
