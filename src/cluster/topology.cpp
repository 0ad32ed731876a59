#include "miroir/cluster/topology.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace miroir::cluster {

namespace {

using Json = nlohmann::ordered_json;

template <class State, std::size_t N>
State state_named(const std::string& name, const State (&states)[N]) {
    for (const State state : states)
        if (name == name_of(state)) return state;
    throw std::invalid_argument("unknown state '" + name + "' in the topology");
}

constexpr NodeState node_states[] = {NodeState::joining, NodeState::active, NodeState::draining,
                                     NodeState::removed};
constexpr GroupState group_states[] = {GroupState::initializing, GroupState::active, GroupState::draining};

}  // namespace

const Node* Topology::find(const NodeId& id) const {
    const auto at = std::lower_bound(nodes.begin(), nodes.end(), id,
                                     [](const Node& node, const NodeId& wanted) { return node.id < wanted; });
    return at != nodes.end() && at->id == id ? &*at : nullptr;
}

std::string to_json(const Topology& topology) {
    Json json = {{"replicationFactor", topology.replication_factor},
                 {"groups", Json::array()},
                 {"nodes", Json::array()}};
    for (const Group& group : topology.groups)
        json["groups"].push_back({{"id", group.id}, {"state", name_of(group.state)}});
    for (const Node& node : topology.nodes) {
        json["nodes"].push_back({{"id", node.id.str()},
                                 {"url", node.url},
                                 {"group", node.group},
                                 {"state", name_of(node.state)}});
    }
    return json.dump();
}

Topology topology_from_json(std::string_view text) {
    const Json json = Json::parse(text);
    Topology topology;
    topology.replication_factor = json.at("replicationFactor").get<std::uint32_t>();
    for (const Json& group : json.at("groups")) {
        topology.groups.push_back(
            {group.at("id").get<GroupId>(), state_named(group.at("state").get<std::string>(), group_states)});
    }
    for (const Json& node : json.at("nodes")) {
        topology.nodes.push_back({NodeId(node.at("id").get<std::string>()), node.at("url").get<std::string>(),
                                  node.at("group").get<GroupId>(),
                                  state_named(node.at("state").get<std::string>(), node_states)});
    }
    std::sort(topology.nodes.begin(), topology.nodes.end(),
              [](const Node& left, const Node& right) { return left.id < right.id; });
    return topology;
}

const char* name_of(NodeState state) {
    switch (state) {
        case NodeState::joining:
            return "joining";
        case NodeState::active:
            return "active";
        case NodeState::draining:
            return "draining";
        case NodeState::removed:
            return "removed";
    }
    return "unknown";
}

const char* name_of(GroupState state) {
    switch (state) {
        case GroupState::initializing:
            return "initializing";
        case GroupState::active:
            return "active";
        case GroupState::draining:
            return "draining";
    }
    return "unknown";
}

}  // namespace miroir::cluster
