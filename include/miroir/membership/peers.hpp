#pragma once

#include <atomic>
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "miroir/base/clock.hpp"
#include "miroir/base/log.hpp"
#include "miroir/base/metrics.hpp"
#include "miroir/coordination/peer_registry.hpp"
#include "miroir/runtime/concurrency.hpp"

namespace miroir::membership {

struct PeerOptions {
    ReplicaId self;
    std::string version;
    // At least three heartbeats.
    std::chrono::milliseconds ttl{5'000};
    std::chrono::milliseconds heartbeat{1'000};
};

// This replica among the live ones: says that it is alive, and knows who else is. Runs on the control
// executor, but for alive().
class Peers {
public:
    Peers(coordination::PeerRegistry& registry, PeerOptions options, Executor control, Log& log,
          Metrics& metrics, const Clock& clock = system_clock());

    const ReplicaId& self() const { return options_.self; }

    // Is known to be alive when it returns; throws StoreUnavailable.
    Async<void> start();
    // The others see at once that it is gone.
    Async<void> stop();

    // Says now that this replica is alive. Throws StoreUnavailable.
    Async<void> beat();

    // Whether the others take this replica for alive and will for another heartbeat, by this machine's clock,
    // whatever became of its timers: what it has begun is still its own. From any thread.
    bool alive() const;

    // As of the last heartbeat; ascending.
    const std::vector<ReplicaId>& live() const { return live_; }

    // Whether a job that one replica does for all is this one's (owner_of). During a change two may do it, or
    // none.
    bool is_mine(std::string_view job) const;

    // This replica plans and reads by that version of the view now; the others are told soon.
    void saw_view(std::uint64_t version);

    // Returns when every live replica but this one plans and reads by `version` or a later one; a replica
    // that does not within its own time is not waited for longer. Throws StoreUnavailable.
    Async<void> all_see(std::uint64_t version);

private:
    Async<void> beat_forever();
    void set_live(std::vector<coordination::Peer> peers);

    coordination::PeerRegistry& registry_;
    const PeerOptions options_;
    Log& log_;
    Gauge& gauge_;
    const Clock& clock_;
    std::vector<ReplicaId> live_;
    std::uint64_t view_ = 0;
    runtime::Signal news_;
    std::atomic<SteadyTime::rep> alive_until_ = SteadyTime::min().time_since_epoch().count();
    runtime::TaskGroup group_;
};

}  // namespace miroir::membership
