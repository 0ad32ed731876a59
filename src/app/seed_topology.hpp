#pragma once

#include <string>
#include <vector>

#include "configuration.hpp"
#include "miroir/cluster/topology.hpp"

namespace miroir::app {

// What the configured node list makes of the stored topology. Pure.
struct TopologySeed {
    cluster::Topology topology;
    bool changed = false;
    // For the log: nodes that are missing from the configuration, or listed though removed.
    std::vector<std::string> remarks;
};

// `stored` has epoch 0 before the first start: then every configured node is active. Later, unknown ids join,
// a known id may move to another address, ids that are no longer listed stay, and a removed id is never taken
// back.
TopologySeed seed_topology(const cluster::Topology& stored, const Configuration& configuration);

}  // namespace miroir::app
