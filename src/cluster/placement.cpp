#include "miroir/cluster/placement.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "miroir/base/hash.hpp"

namespace miroir::cluster {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::array copy_states = {CopyState::active, CopyState::filling, CopyState::leaving};

CopyState copy_state(const std::string& name) {
    for (const CopyState state : copy_states)
        if (name == name_of(state)) return state;
    throw std::invalid_argument("unknown copy state '" + name + "' in a placement");
}

// Active nodes by group, in the order of the groups.
std::vector<std::pair<GroupId, std::vector<NodeId>>> active_nodes(const Topology& topology) {
    std::vector<std::pair<GroupId, std::vector<NodeId>>> by_group;
    for (const Group& group : topology.groups) {
        std::vector<NodeId> nodes;
        for (const Node& node : topology.nodes)
            if (node.group == group.id && node.state == NodeState::active) nodes.push_back(node.id);
        by_group.emplace_back(group.id, std::move(nodes));
    }
    std::sort(by_group.begin(), by_group.end(),
              [](const auto& left, const auto& right) { return left.first < right.first; });
    return by_group;
}

}  // namespace

ShardId shard_of(std::string_view primary_key_text, std::uint32_t shards) {
    return shards == 0 ? 0 : static_cast<ShardId>(xxh64(primary_key_text) % shards);
}

std::uint64_t rendezvous_score(ShardId shard, const NodeId& node) {
    std::string bytes(4, '\0');
    for (int i = 0; i < 4; ++i) bytes[i] = static_cast<char>((shard >> (8 * i)) & 0xff);
    bytes += node.str();
    return xxh64(bytes);
}

std::vector<NodeId> owners_of(ShardId shard, const std::vector<NodeId>& group_nodes,
                              std::uint32_t replication_factor) {
    std::vector<std::pair<std::uint64_t, const NodeId*>> scored;
    scored.reserve(group_nodes.size());
    for (const NodeId& node : group_nodes) scored.emplace_back(rendezvous_score(shard, node), &node);
    const auto wanted = std::min<std::size_t>(replication_factor, scored.size());
    std::partial_sort(scored.begin(), scored.begin() + static_cast<std::ptrdiff_t>(wanted), scored.end(),
                      [](const auto& left, const auto& right) {
                          if (left.first != right.first) return left.first > right.first;
                          return *left.second < *right.second;
                      });
    std::vector<NodeId> owners;
    owners.reserve(wanted);
    for (std::size_t i = 0; i < wanted; ++i) owners.push_back(*scored[i].second);
    return owners;
}

Placement place(const Topology& topology, std::uint32_t shards) {
    const auto groups = active_nodes(topology);
    Placement placement;
    placement.shards.resize(shards);
    for (ShardId shard = 0; shard < shards; ++shard) {
        for (const auto& [group, nodes] : groups) {
            for (NodeId& owner : owners_of(shard, nodes, topology.replication_factor))
                placement.shards[shard].push_back({std::move(owner), group, CopyState::active});
        }
    }
    return placement;
}

// A catalog holds thousands of placements: copies are short arrays, not objects.
std::string to_json(const Placement& placement) {
    Json shards = Json::array();
    for (const auto& copies : placement.shards) {
        Json row = Json::array();
        for (const Copy& copy : copies)
            row.push_back(Json::array({copy.node.str(), copy.group, name_of(copy.state)}));
        shards.push_back(std::move(row));
    }
    return Json{{"shards", std::move(shards)}}.dump();
}

Placement placement_from_json(std::string_view text) {
    const Json json = Json::parse(text);
    Placement placement;
    for (const Json& row : json.at("shards")) {
        auto& copies = placement.shards.emplace_back();
        for (const Json& copy : row) {
            copies.push_back({NodeId(copy.at(0).get<std::string>()), copy.at(1).get<GroupId>(),
                              copy_state(copy.at(2).get<std::string>())});
        }
    }
    return placement;
}

const char* name_of(CopyState state) {
    switch (state) {
        case CopyState::active:
            return "active";
        case CopyState::filling:
            return "filling";
        case CopyState::leaving:
            return "leaving";
    }
    return "unknown";
}

}  // namespace miroir::cluster
