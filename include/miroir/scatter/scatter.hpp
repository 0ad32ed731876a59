#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "miroir/base/metrics.hpp"
#include "miroir/cluster/cover.hpp"
#include "miroir/cluster/snapshot.hpp"
#include "miroir/nodes/node_client.hpp"
#include "miroir/runtime/async.hpp"

namespace miroir::scatter {

struct ScatterRequest {
    std::shared_ptr<const cluster::IndexEntry> index;
    // After `/indexes/{physical}`: "/search", "/documents/fetch".
    std::string route;
    // The body for a node that is asked for exactly these shards.
    std::function<std::string(const std::vector<ShardId>&)> body_for;
    cluster::CoverRequest cover;
    // Nodes that are not asked: their last answer could not be read.
    std::set<NodeId> excluded;
    Deadline deadline{SteadyTime::max()};
    std::string request_id;
};

struct ShardAnswer {
    nodes::NodeAnswer answer;
    std::vector<ShardId> shards;
};

// What a scattered read brought back: every shard is in one answer, or missing.
struct Scattered {
    std::vector<ShardAnswer> answers;  // in node order; 2xx and 4xx alike
    std::vector<ShardId> missing;
    std::vector<ShardId> dirty;
    // The failures on the way, for logs and explain; each was retried on other copies.
    std::vector<nodes::NodeFailure> failures;
};

// Called when a node says that it does not know an index that it must have.
using LostIndexReporter = std::function<void(const NodeId&)>;

// The only I/O of a read: asks a cover, and asks other copies for the shards of nodes that fail, until every
// shard has answered, no readable copy is left, or the deadline has passed.
class Scatter {
public:
    // A node that takes longer than `attempt_timeout` is left for other copies, where there are any.
    Scatter(nodes::NodeClient& nodes, LostIndexReporter report_lost_index,
            std::chrono::milliseconds attempt_timeout, Metrics& metrics);

    Async<Scattered> run(cluster::SnapshotPtr snapshot, ScatterRequest request);

private:
    nodes::NodeClient& nodes_;
    LostIndexReporter report_lost_index_;
    const std::chrono::milliseconds attempt_timeout_;
    Counter& node_requests_;
    Counter& retried_;
    Counter& abandoned_;
    Counter& missing_;
};

}  // namespace miroir::scatter
