#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "lookup.hpp"
#include "miroir/base/clock.hpp"
#include "miroir/base/log.hpp"
#include "miroir/base/metrics.hpp"
#include "miroir/coordination/store.hpp"
#include "miroir/nodes/node_client.hpp"
#include "miroir/tasks/task_poller.hpp"

namespace miroir::tasks {

struct LookupOptions {
    // Newest tasks of a node that are looked at.
    std::uint32_t scan_max = 1'000;
    std::chrono::milliseconds request_timeout{5'000};
    // A request whose connection broke may still be on its way into the node: what is absent is looked for
    // again, less and less often, until so long after the first look.
    std::chrono::milliseconds settle{5'000};
    std::chrono::milliseconds pause_min{500};
    std::chrono::milliseconds pause_max{30'000};
    JobOwnership ownership;
};

// Looks for the node tasks of parts whose answers were lost. A part that is found becomes acked; one that is
// not stays unknown, which proves nothing: its copies are dirty either way. Runs on the control executor.
class PartLookups {
public:
    PartLookups(coordination::Store& store, nodes::NodeClient& nodes, LookupOptions options,
                DivergenceRecorder record_divergence, Log& log, Metrics& metrics);

    // Asks every node once for all of its parts that are due. True when a look-up has ended.
    Async<bool> look();

private:
    struct Pace {
        SteadyTime first;
        SteadyTime next;
    };
    using Place = std::pair<TaskUid, NodeId>;

    Async<std::optional<NodeTasks>> newest_tasks(NodeId node);
    Async<std::vector<coordination::NodePart>> look_at(NodeId node,
                                                       std::vector<coordination::PartLookup> sought);
    Async<void> record_doubts(coordination::NodePart part, LookupAnswer answer, bool task_ended);
    void forget_all_but(const std::vector<coordination::PartLookup>& pending);
    void postpone(const coordination::PartLookup& sought);
    bool has_settled(const coordination::PartLookup& sought) const;

    coordination::Store& store_;
    nodes::NodeClient& nodes_;
    const LookupOptions options_;
    DivergenceRecorder record_divergence_;
    Log& log_;
    std::map<Sighting, Counter*> ended_;
    std::map<Place, Pace> paces_;
};

}  // namespace miroir::tasks
