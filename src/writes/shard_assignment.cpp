#include "miroir/writes/shard_assignment.hpp"

#include <algorithm>

#include "miroir/cluster/placement.hpp"

namespace miroir::writes {

ShardAssignment::ShardAssignment(const meili::DocumentIds& ids, std::uint32_t shards)
    : documents_(shards, 0) {
    shard_of_.reserve(ids.size());
    for (std::size_t i = 0; i < ids.size(); ++i) {
        const ShardId shard = cluster::shard_of(ids[i], shards);
        shard_of_.push_back(static_cast<std::uint16_t>(shard));
        ++documents_[shard];
    }
    for (ShardId shard = 0; shard < shards; ++shard) {
        if (documents_[shard] != 0) {
            touched_.push_back(shard);
        }
    }
}

std::vector<std::string> ids_in_shard(const ShardAssignment& assignment, const meili::DocumentIds& ids,
                                      ShardId shard) {
    std::vector<std::string> out;
    out.reserve(assignment.documents_in(shard));
    for (std::size_t i = 0; i < assignment.size(); ++i) {
        if (assignment[i] == shard) {
            out.emplace_back(ids[i]);
        }
    }
    std::ranges::sort(out);
    out.erase(std::ranges::unique(out).begin(), out.end());
    return out;
}

}  // namespace miroir::writes
