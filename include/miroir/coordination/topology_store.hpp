#pragma once

#include <optional>

#include "miroir/cluster/topology.hpp"
#include "miroir/runtime/async.hpp"

namespace miroir::coordination {

// The fleet's authoritative, versioned description.
class TopologyStore {
public:
    virtual ~TopologyStore() = default;

    // Empty before the first start has seeded it.
    virtual Async<std::optional<cluster::Topology>> load() = 0;

    // Replaces the topology of epoch `expected` (0: none yet) by `next` and raises the epoch by one.
    // The new epoch, or empty when `expected` is no longer current.
    virtual Async<std::optional<Epoch>> replace(Epoch expected, cluster::Topology next) = 0;
};

}  // namespace miroir::coordination
