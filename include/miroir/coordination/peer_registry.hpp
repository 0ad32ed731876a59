#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "miroir/base/ids.hpp"
#include "miroir/runtime/async.hpp"

namespace miroir::coordination {

// A running replica, as the others see it.
struct Peer {
    ReplicaId id;
    std::string version;  // of its binary
    // The store's view version that it plans and reads by.
    std::uint64_t view = 0;
};

// Which replicas are alive: those that said so within the time they promised. Judged by the store's clock
// alone.
class PeerRegistry {
public:
    virtual ~PeerRegistry() = default;

    // The peer is alive for `ttl` from now.
    virtual Async<void> beat(Peer peer, std::chrono::milliseconds ttl) = 0;

    // Ascending by id.
    virtual Async<std::vector<Peer>> live() = 0;

    // The peer stops: it is not alive from now.
    virtual Async<void> leave(ReplicaId id) = 0;
};

}  // namespace miroir::coordination
