#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "miroir/base/log.hpp"
#include "miroir/base/metrics.hpp"
#include "miroir/coordination/store.hpp"
#include "miroir/nodes/node_client.hpp"
#include "miroir/runtime/concurrency.hpp"
#include "miroir/tasks/ending_order.hpp"
#include "miroir/tasks/job_ownership.hpp"
#include "miroir/tasks/verdict.hpp"

namespace miroir::tasks {

struct PollerOptions {
    std::chrono::milliseconds interval_min{10};
    std::chrono::milliseconds interval_max{500};
    std::chrono::milliseconds request_timeout{5'000};
    // A part whose node is out of service so long is no longer waited for.
    std::chrono::milliseconds abandon_after{3'000};
    std::uint32_t uids_per_request = 200;
    // How many of a node's newest tasks are searched for writes whose answer was lost.
    std::uint32_t lookup_scan_max = 1'000;
    std::chrono::milliseconds retention{7LL * 24 * 3600 * 1000};
    std::uint64_t keep_max = 1'000'000;
    JobOwnership ownership;
    // Returns when every replica knows the copies that are dirty by now; empty: there is no other one.
    std::function<Async<void>()> all_see;
};

// Copies that a finished document write has left behind: made dirty before the task ends.
using DivergenceRecorder =
    std::function<Async<void>(coordination::TaskRecord task, std::vector<DivergentCopy> copies)>;

// A node's error (JSON) in the words that the client may see.
using ErrorRewriter =
    std::function<std::string(const coordination::TaskRecord& task, const std::string& error_json)>;

// Ends an operation that waits for its turn as canceled by a cancelation; false when it has begun.
using OperationCanceler = std::function<bool(TaskUid task, TaskUid cancelation)>;

class PartLookups;

// Follows node tasks in bulk, once for everybody who waits, looks for those whose answer was lost, and ends
// the cluster tasks of document writes, those of one index in the order of their uids. Each replica does so
// for the tasks that are its own. Runs on the control executor. Control operations end their own tasks; their
// parts are followed here too.
class TaskPoller {
public:
    TaskPoller(coordination::Store& store, nodes::NodeClient& nodes, PollerOptions options,
               DivergenceRecorder record_divergence, ErrorRewriter rewrite_error, Executor control, Log& log,
               Metrics& metrics);
    ~TaskPoller();

    void start();
    Async<void> stop();

    // Something new was sent: look soon.
    void nudge();
    // Unfinished node tasks of a node, as of the last round.
    std::uint64_t backlog(const NodeId& node) const;

    // Returns when no task of the index (logical) with a smaller uid is unfinished.
    Async<void> wait_for_earlier(TaskUid uid, std::string index);

    // Who is asked when another replica wants an operation of this one canceled.
    void set_canceler(OperationCanceler canceler) { cancel_operation_ = std::move(canceler); }

    // Called after a document task was ended here, on the control executor.
    void on_finished(std::function<void(const coordination::TaskRecord&)> listener);

private:
    Async<void> poll_forever();
    Async<void> prune_forever();
    Async<bool> round();
    void show_backlog(const NodeId& node, std::uint64_t tasks);
    Async<std::vector<coordination::NodePart>> poll_node(NodeId node,
                                                         std::vector<coordination::NodePart> parts);
    Async<bool> settle_all();
    Async<bool> settle(coordination::UnfinishedTask unfinished, bool in_turn);
    Async<bool> finish(coordination::UnfinishedTask unfinished, Verdict verdict, bool everywhere);
    Async<void> answer_cancelation(coordination::UnfinishedTask unfinished);
    bool is_mine(const coordination::UnfinishedTask& unfinished) const;
    std::vector<bool> abandoned(const std::vector<coordination::NodePart>& parts);

    coordination::Store& store_;
    nodes::NodeClient& nodes_;
    const PollerOptions options_;
    DivergenceRecorder record_divergence_;
    ErrorRewriter rewrite_error_;
    Log& log_;
    Metrics& metrics_;
    runtime::Signal news_;
    runtime::Signal progress_;
    runtime::TaskGroup group_;
    std::unique_ptr<PartLookups> lookups_;
    // As of the last whole pass, and how many passes have begun and ended.
    EndingOrder order_;
    std::uint64_t passes_begun_ = 0;
    std::uint64_t passes_ended_ = 0;
    std::map<NodeId, std::uint64_t> backlog_;
    std::map<NodeId, SteadyTime> out_since_;
    OperationCanceler cancel_operation_;
    std::vector<std::function<void(const coordination::TaskRecord&)>> listeners_;
};

// True for the types whose tasks are judged by their node tasks alone.
bool is_document_task(const std::string& type);

}  // namespace miroir::tasks
