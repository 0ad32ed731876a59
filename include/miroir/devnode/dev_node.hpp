#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "miroir/base/clock.hpp"
#include "miroir/base/log.hpp"
#include "miroir/base/metrics.hpp"
#include "miroir/runtime/async.hpp"

namespace miroir::devnode {

struct DevNodeOptions {
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;
    // Where the node keeps its database; made when missing. Empty: in memory.
    std::string directory;
    // Empty: everybody may do everything.
    std::string master_key;
    // How long each task waits before it is worked on.
    std::chrono::milliseconds task_delay{0};
};

// A small look-alike of one Meilisearch server for development and tests: the same routes, errors and tasks,
// but a relevance of its own that depends on nothing but the query and the document.
class DevNode {
public:
    // Stops.
    virtual ~DevNode() = default;
    virtual std::uint16_t port() const = 0;
    // Closes every connection and waits for the task at work. Not from one of the executors' threads, which
    // must still run.
    virtual void stop() = 0;
};

// Listens before it returns; throws std::system_error when it cannot. The executors are those of
// http::start_server and outlive the node, as do the others.
std::unique_ptr<DevNode> start_dev_node(DevNodeOptions options, std::vector<Executor> executors,
                                        const Clock& clock = system_clock(), Log& log = null_log(),
                                        Metrics& metrics = null_metrics());

}  // namespace miroir::devnode
