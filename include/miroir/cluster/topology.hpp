#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "miroir/base/ids.hpp"

namespace miroir::cluster {

enum class NodeState { joining, active, draining, removed };
enum class GroupState { initializing, active, draining };

struct Node {
    NodeId id;
    // http://host:port without a path.
    std::string url;
    GroupId group = 0;
    NodeState state = NodeState::active;
    friend bool operator==(const Node&, const Node&) = default;
};

struct Group {
    GroupId id = 0;
    GroupState state = GroupState::active;
    friend bool operator==(const Group&, const Group&) = default;
};

// The fleet at one epoch. Nodes are sorted by id; removed ones stay as tombstones.
struct Topology {
    Epoch epoch = 0;
    std::uint32_t replication_factor = 1;
    std::vector<Group> groups;
    std::vector<Node> nodes;

    const Node* find(const NodeId& id) const;
    friend bool operator==(const Topology&, const Topology&) = default;
};

// `{"replicationFactor":..,"groups":[..],"nodes":[..]}`; the epoch is not part of it. Reading throws on any
// other text: it is the store's own.
std::string to_json(const Topology& topology);
Topology topology_from_json(std::string_view json);

const char* name_of(NodeState state);
const char* name_of(GroupState state);

}  // namespace miroir::cluster
