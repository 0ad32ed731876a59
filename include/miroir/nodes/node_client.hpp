#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "miroir/base/ids.hpp"
#include "miroir/http/client.hpp"
#include "miroir/runtime/async.hpp"

namespace miroir::nodes {

enum class FailureKind {
    breaker_open,   // not tried: the node's circuit breaker is open
    not_connected,  // no byte left
    interrupted,    // bytes may have left
    timed_out,      // bytes may have left
    bad_answer,     // not HTTP, not JSON, or not the shape that was asked for
    lost_access,    // 401 or 403 to us
    overloaded,     // 408, 429 or 503
};

struct NodeFailure {
    NodeId node;
    FailureKind kind;
    std::string detail;
    // True when the node cannot have acted on the request.
    bool surely_not_applied() const {
        return kind == FailureKind::breaker_open || kind == FailureKind::not_connected ||
               kind == FailureKind::lost_access || kind == FailureKind::overloaded;
    }
};

struct NodeAnswer {
    NodeId node;
    int status = 200;
    std::string body;  // JSON, with 64 readable bytes after its end
};

// An answer (2xx, or an error that is about the request) or a failure of the node.
using NodeReply = std::variant<NodeAnswer, NodeFailure>;

// The uid of the task that a node answers a change with; empty when the answer tells none.
std::optional<NodeTaskUid> task_uid_of(const NodeAnswer& answer);

struct NodeRequest {
    http::Method method = http::Method::get;
    std::string target;                  // encoded path and query
    std::string content_type;            // empty without body
    std::vector<std::string_view> body;  // owned by `keep_alive` or by the awaiting caller
    std::shared_ptr<http::BodySource> source;  // makes the rest of the body; may be empty
    std::shared_ptr<const void> keep_alive;
    bool repeatable = false;
    std::string request_id;
};

// The fleet's nodes. Authenticates with the node key; feeds every outcome to the node's circuit breaker.
class NodeClient {
public:
    virtual ~NodeClient() = default;
    // Runs on the caller's executor. Never throws for a node's failure.
    virtual Async<NodeReply> send(NodeId node, NodeRequest request, Deadline deadline) = 0;
    // False while the node's breaker is open or a probe has declared it down.
    virtual bool usable(const NodeId& node) const = 0;
};

}  // namespace miroir::nodes
