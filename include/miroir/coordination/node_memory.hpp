#pragma once

#include <optional>
#include <string>
#include <vector>

#include "miroir/base/ids.hpp"
#include "miroir/runtime/async.hpp"

namespace miroir::coordination {

// What was last known of a node's disk, to notice that it came back with another one.
struct NodeMemoryRecord {
    NodeId node;
    // Highest node task uid that it ever acknowledged or showed; -1: none.
    std::int64_t newest_task = -1;
};

class NodeMemory {
public:
    virtual ~NodeMemory() = default;
    virtual Async<std::vector<NodeMemoryRecord>> all() = 0;
    // Keeps the higher figure.
    virtual Async<void> saw_task(NodeId node, std::int64_t newest_task) = 0;
    // The node has a new disk: starts again from this figure.
    virtual Async<void> reset(NodeId node, std::int64_t newest_task) = 0;
};

}  // namespace miroir::coordination
