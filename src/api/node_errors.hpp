#pragma once

#include <optional>
#include <string>
#include <vector>

#include "miroir/base/error.hpp"
#include "miroir/cluster/snapshot.hpp"
#include "miroir/meili/search_query.hpp"
#include "miroir/scatter/index_view.hpp"
#include "miroir/scatter/scatter.hpp"

namespace miroir::api {

// Settles what nodes answered with an error: one is relayed in the client's words when the request is at
// fault; those that only mean that a node has nothing to add are taken out of `answers`; nodes that disagree
// are an error of ours. `filter`: what the nodes got, without the shard clause; may be null.
std::optional<ApiError> settle_errors(std::vector<scatter::ShardAnswer>& answers,
                                      const cluster::IndexEntry& index,
                                      const scatter::ClientSettings& settings,
                                      const meili::FilterParameter* filter);

// How often a read is scattered again because a node's answer could not be read.
inline constexpr int rounds_max = 4;

// A node whose answer is an error status without an error of Meilisearch's shape.
std::optional<NodeId> unreadable_error(const std::vector<scatter::ShardAnswer>& answers);

// "shards=3,7" and "dirty=1"; empty when nothing is missing.
std::string degraded_text(const scatter::Scattered& scattered);

// True while no node has the index yet: clients are told that it does not exist, as by one Meilisearch whose
// task is still enqueued.
bool not_made_yet(const cluster::Snapshot& snapshot, const cluster::IndexEntry& index);

}  // namespace miroir::api
