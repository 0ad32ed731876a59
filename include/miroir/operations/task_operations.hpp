#pragma once

#include <string>
#include <vector>

#include "miroir/base/log.hpp"
#include "miroir/coordination/store.hpp"
#include "miroir/membership/peers.hpp"
#include "miroir/operations/node_calls.hpp"
#include "miroir/runtime/concurrency.hpp"
#include "miroir/tasks/task_poller.hpp"

namespace miroir::operations {

// Cancelation and deletion of cluster tasks. Runs on the control executor.
class TaskOperations {
public:
    TaskOperations(coordination::Store& store, membership::Peers& peers, NodeCalls calls,
                   tasks::TaskPoller& poller, Executor control, Log& log);

    // Ends what replicas that are dead were interrupted in, as failed.
    Async<void> end_interrupted();

    // `original_filter`: the query string with its '?', for the task's details. The task as enqueued; what it
    // does goes on afterwards.
    Async<coordination::TaskRecord> cancel(coordination::TaskFilter filter, std::string original_filter);
    Async<coordination::TaskRecord> remove(coordination::TaskFilter filter, std::string original_filter);
    Async<void> stop();

private:
    Async<void> cancel_all(TaskUid uid, std::vector<TaskUid> matched, std::string original_filter);
    Async<void> cancel_on_nodes(TaskUid task);
    Async<void> remove_all(TaskUid uid, std::vector<TaskUid> matched, std::string original_filter);

    Async<void> wait_until_ended(std::vector<TaskUid> uids);

    coordination::Store& store_;
    membership::Peers& peers_;
    NodeCalls calls_;
    tasks::TaskPoller& poller_;
    runtime::TaskGroup group_;
};

}  // namespace miroir::operations
