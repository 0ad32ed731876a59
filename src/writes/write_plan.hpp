#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "miroir/meili/document_id.hpp"
#include "miroir/writes/document_writer.hpp"
#include "miroir/writes/shard_assignment.hpp"

namespace miroir::writes {

// One node's share of a write: the touched shards that it has copies of.
struct WriteTarget {
    NodeId node;
    std::vector<ShardId> complete;
    // Filling or dirty copies of an update: it must not make a part of a document there.
    std::vector<ShardId> incomplete;

    std::vector<ShardId> shards() const;
};

// A write as planned against one snapshot.
struct WritePlan {
    std::shared_ptr<DocumentWrite> write;
    cluster::SnapshotPtr snapshot;
    std::shared_ptr<const cluster::IndexEntry> index;
    // Of the documents that it brings or deletes; empty for writes to the whole index.
    std::shared_ptr<const meili::DocumentIds> ids;
    std::shared_ptr<const ShardAssignment> assignment;
    bool whole_index = false;
    std::vector<ShardId> shards;  // touched, ascending
    std::vector<WriteTarget> targets;
    // Copies that were not clean when their request left.
    std::set<std::pair<ShardId, NodeId>> dirty_when_sent;

    // Canonical ids in this shard, ascending; empty optional when the write names none.
    std::optional<std::vector<std::string>> ids_in(ShardId shard) const;
};

// Shards and targets of a write whose index and ids are known. Pure.
void plan_targets(WritePlan& plan);

// One request to a node. The body's views, and `source`, which makes what follows them, point into `owned`.
struct NodeCallBody {
    http::Method method = http::Method::post;
    std::string target;
    std::string content_type;
    std::vector<std::string_view> body;
    std::shared_ptr<http::BodySource> source;
    std::shared_ptr<const void> owned;
    // An update of this shard, whose copy may lack documents: if it still does when the request leaves, no
    // document may be made there.
    std::optional<ShardId> incomplete;
};

// The requests of each of the plan's targets, in the order in which they must be sent.
std::vector<std::vector<NodeCallBody>> node_calls(const std::shared_ptr<WritePlan>& plan,
                                                  const coordination::OpenEntry& entry,
                                                  std::uint64_t body_bytes_max);

// What the journal records of a plan.
coordination::EntryPlan entry_plan_of(const WritePlan& plan);

std::string task_type_of(WriteKind kind);
std::string task_details_of(const DocumentWrite& write);
// The same for a write that changed nothing.
std::string finished_details_of(const DocumentWrite& write);
// How many acks every shard needs in an index with so many copies of each shard in one group.
std::uint32_t copies_required(const std::string& wait_for_copies, std::uint32_t replication_factor,
                              std::uint32_t copies);

}  // namespace miroir::writes
