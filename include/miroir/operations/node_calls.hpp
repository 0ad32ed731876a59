#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <variant>

#include "miroir/nodes/node_client.hpp"
#include "miroir/runtime/async.hpp"

namespace miroir::operations {

// How a node took an asynchronous call.
struct NodeTaskResult {
    enum class Kind {
        succeeded,
        failed,       // the node says so: error_json
        unreachable,  // nothing is known of the call
    };
    Kind kind = Kind::unreachable;
    NodeTaskUid task = 0;
    std::string details_json;
    std::string error_json;
};

// A request that the node answers with a task, or with an error at once.
struct NodeCall {
    http::Method method = http::Method::post;
    std::string target;
    std::string body;  // JSON; empty: none
};

// Sends and tells the node's task uid; empty `task` text means refused or unreachable as `kind` says.
struct SentCall {
    NodeTaskResult::Kind kind = NodeTaskResult::Kind::unreachable;  // succeeded: accepted
    NodeTaskUid task = 0;
    std::string error_json;
};

// Such calls to nodes, with a deadline each. Copies are cheap; `nodes` outlives them.
class NodeCalls {
public:
    NodeCalls(nodes::NodeClient& nodes, std::chrono::milliseconds timeout)
        : nodes_(nodes), timeout_(timeout) {}

    Async<SentCall> send(NodeId node, NodeCall call);

    // Polls one node task to its end; unreachable when the node goes out of service first.
    Async<NodeTaskResult> wait(NodeId node, NodeTaskUid task);

    Async<NodeTaskResult> send_and_wait(NodeId node, NodeCall call);

    // The body of a 200 answer, or empty.
    Async<std::optional<std::string>> read(NodeId node, NodeCall call);

    // Ends once nothing that the node accepted before this call is unfinished on this index; false: the node
    // does not answer.
    Async<bool> wait_for_queue(NodeId node, PhysicalIndexUid index);

private:
    Async<std::optional<std::int64_t>> first_task(NodeId node, std::string parameters);

    nodes::NodeClient& nodes_;
    std::chrono::milliseconds timeout_;
};

}  // namespace miroir::operations
