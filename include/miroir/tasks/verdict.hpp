#pragma once

#include <optional>
#include <string>
#include <vector>

#include "miroir/coordination/task_registry.hpp"

namespace miroir::tasks {

// One copy whose outcome differs from what the task became.
struct DivergentCopy {
    NodeId node;
    ShardId shard = 0;
    NodeId reference;  // a node that applied it; empty when none is known
    std::string reason = "task_failed";
};

struct Verdict {
    coordination::TaskStatus status = coordination::TaskStatus::succeeded;
    std::string details_json;
    std::string error_json;
    std::optional<WallTime> started_at;
    std::optional<WallTime> finished_at;
    // To be recorded as dirty before the task shows as finished.
    std::vector<DivergentCopy> divergent;
};

// What a document write has become, from what its nodes say. Empty while that is open: a part is not closed
// yet, a node still works on it, or no copy of some shard has an outcome. `abandoned[i]`: part i is not
// waited for. Succeeded when every shard has a copy that succeeded; failed when for some shard every outcome
// is a failure; canceled when no copy applied it. A part that was only found later decides for the shards
// that no other part was acked for: elsewhere its copy is dirty and follows the others.
std::optional<Verdict> judge(const coordination::TaskRecord& task,
                             const std::vector<coordination::NodePart>& parts,
                             const std::vector<bool>& abandoned);

// A count in the node tasks' details, once per document: each part's figure is divided by the copies of its
// shards.
std::uint64_t count_once(const std::vector<coordination::NodePart>& parts, const std::string& detail);

}  // namespace miroir::tasks
