#include "seed_topology.hpp"

#include <algorithm>

namespace miroir::app {

namespace {

void add_group(cluster::Topology& topology, GroupId group, cluster::GroupState state) {
    const bool known = std::any_of(topology.groups.begin(), topology.groups.end(),
                                   [&](const auto& one) { return one.id == group; });
    if (!known) {
        topology.groups.push_back({group, state});
    }
}

}  // namespace

TopologySeed seed_topology(const cluster::Topology& stored, const Configuration& configuration) {
    TopologySeed seed{stored, false, {}};
    auto& topology = seed.topology;
    const bool first = stored.epoch == 0;
    if (first) {
        topology.replication_factor = configuration.placement.replication_factor;
        seed.changed = true;
    }
    for (const auto& entry : configuration.nodes) {
        auto known = std::find_if(topology.nodes.begin(), topology.nodes.end(),
                                  [&](const auto& node) { return node.id.str() == entry.id; });
        if (known == topology.nodes.end()) {
            topology.nodes.push_back({NodeId(entry.id), entry.url, entry.group,
                                      first ? cluster::NodeState::active : cluster::NodeState::joining});
            add_group(topology, entry.group,
                      first ? cluster::GroupState::active : cluster::GroupState::initializing);
            seed.changed = true;
        } else if (known->state == cluster::NodeState::removed) {
            seed.remarks.push_back("node " + entry.id +
                                   " was removed and is not taken back: list it under a new id");
        } else if (known->url != entry.url) {
            known->url = entry.url;
            seed.changed = true;
        }
    }
    for (const auto& node : topology.nodes) {
        const bool listed = std::any_of(configuration.nodes.begin(), configuration.nodes.end(),
                                        [&](const auto& entry) { return entry.id == node.id.str(); });
        if (!listed && node.state != cluster::NodeState::removed) {
            seed.remarks.push_back("node " + node.id.str() + " is not in the configuration and is kept");
        }
    }
    std::sort(topology.nodes.begin(), topology.nodes.end(),
              [](const auto& a, const auto& b) { return a.id < b.id; });
    std::sort(topology.groups.begin(), topology.groups.end(),
              [](const auto& a, const auto& b) { return a.id < b.id; });
    return seed;
}

}  // namespace miroir::app
