#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "miroir/base/ids.hpp"
#include "miroir/cluster/topology.hpp"

namespace miroir::cluster {

// How many shards one index may have: the filters that choose shards and the covers grow with it.
inline constexpr std::uint32_t index_shards_max = 1'024;

// xxh64(canonical text of the primary key, seed 0) mod shards. These numbers may never change.
ShardId shard_of(std::string_view primary_key_text, std::uint32_t shards);

// Rendezvous score of a node for a shard: xxh64(shard as 4 bytes little endian || node id bytes, seed 0).
std::uint64_t rendezvous_score(ShardId shard, const NodeId& node);

// The `replication_factor` nodes with the highest scores, best first, ties by node id; fewer when the
// group has fewer nodes.
std::vector<NodeId> owners_of(ShardId shard, const std::vector<NodeId>& group_nodes,
                              std::uint32_t replication_factor);

// What a copy is for. `dirty` is not a state of its own: it is an entry of the ledger on an active or
// filling copy.
enum class CopyState { active, filling, leaving };

struct Copy {
    NodeId node;
    GroupId group = 0;
    CopyState state = CopyState::active;
    friend bool operator==(const Copy&, const Copy&) = default;
};

// One index's copies: by shard, ordered by group, then owners best first.
struct Placement {
    std::vector<std::vector<Copy>> shards;
    friend bool operator==(const Placement&, const Placement&) = default;
};

// Where a new index goes: the active nodes of every group own its shards.
Placement place(const Topology& topology, std::uint32_t shards);

const char* name_of(CopyState state);

// `{"shards":[[["node",group,"state"],..],..]}`. Reading throws on any other text: it is the store's own.
std::string to_json(const Placement& placement);
Placement placement_from_json(std::string_view json);

}  // namespace miroir::cluster
