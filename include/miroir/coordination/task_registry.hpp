#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "miroir/base/clock.hpp"
#include "miroir/base/ids.hpp"
#include "miroir/runtime/async.hpp"

namespace miroir::coordination {

enum class TaskStatus { enqueued, processing, succeeded, failed, canceled };

// What a request is known again by: digests in hex.
struct TaskClaim {
    std::string scope;  // of who asks for what under which idempotency key
    std::string body;
};

// What is known of a task when it is made.
struct TaskDraft {
    std::string type;                      // Meilisearch's name: "documentAdditionOrUpdate", ...
    std::optional<std::string> index_uid;  // logical
    std::string details_json;              // object, or empty when the type has no details
    std::optional<std::string> custom_metadata;
    // Of a task with a journal entry.
    std::optional<TaskClaim> claim = std::nullopt;
};

struct TaskRecord {
    TaskUid uid = 0;
    std::string type;
    std::optional<std::string> index_uid;
    TaskStatus status = TaskStatus::enqueued;
    std::optional<TaskUid> canceled_by;
    std::string details_json;
    std::string error_json;  // empty: null
    std::optional<std::string> custom_metadata;
    WallTime enqueued_at;
    std::optional<WallTime> started_at;
    std::optional<WallTime> finished_at;
};

// A task that is not finished. It is the work of the replica that opened its entry or took it over, or that
// added it.
struct UnfinishedTask {
    TaskRecord task;
    ReplicaId replica;
    bool abandoned = false;  // that replica is not alive
    // The cancelation that asked for its end.
    std::optional<TaskUid> cancel_by;
};

// One node's part in a cluster task.
struct NodePart {
    TaskUid uid = 0;
    NodeId node;
    std::vector<ShardId> shards;
    std::string result;  // "planned", "acked", "refused", "unsent", "unknown"
    std::vector<NodeTaskUid> node_tasks;
    // Status of the node task(s) as last seen; empty while unknown.
    std::optional<TaskStatus> status;
    std::string details_json;
    std::string error_json;
    std::optional<WallTime> started_at;
    std::optional<WallTime> finished_at;
    // Acked, though the answer was lost: the node tasks were looked up. Its copies may be dirty.
    bool found = false;
};

// An unknown part of a task, all of whose requests were sent: to be looked for among the node's tasks, by the
// metadata `miroir:<uid>:<nonce>`.
struct PartLookup {
    TaskUid uid = 0;
    NodeId node;
    std::string nonce;
    std::uint32_t node_tasks = 0;  // how many the part consists of
    // The node's newest task as known before the first request was sent; empty when none was known.
    std::optional<NodeTaskUid> newest_before;
    bool task_ended = false;
    // As in UnfinishedTask.
    ReplicaId replica;
    bool abandoned = false;
};

// Filters of GET /tasks, cancel and delete. Empty vector: no restriction. AND over fields, OR inside one.
struct TaskFilter {
    std::vector<TaskUid> uids;
    std::vector<TaskUid> canceled_by;
    std::vector<std::string> types;
    std::vector<TaskStatus> statuses;
    std::vector<std::string> index_uids;
    std::optional<WallTime> after_enqueued_at, before_enqueued_at;
    std::optional<WallTime> after_started_at, before_started_at;
    std::optional<WallTime> after_finished_at, before_finished_at;
    // Only tasks with a smaller uid.
    std::optional<TaskUid> below;
};

struct TaskPageRequest {
    TaskFilter filter;
    std::uint32_t limit = 20;
    std::optional<TaskUid> from;
    bool ascending = false;
};

struct TaskPage {
    std::vector<TaskRecord> tasks;  // one more than `limit` where there is one: its uid is `next`
    std::uint64_t total = 0;        // matching the filter, without `from`
};

struct TaskFinish {
    TaskUid uid = 0;
    TaskStatus status = TaskStatus::succeeded;
    std::string details_json;  // empty: what the task had
    std::string error_json;    // empty: null
    std::optional<TaskUid> canceled_by;
    std::optional<WallTime> started_at;
    // Empty: the store's clock.
    std::optional<WallTime> finished_at;
};

// Cluster tasks: what clients see, and the node tasks behind it.
class TaskRegistry {
public:
    virtual ~TaskRegistry() = default;

    // Issues the next uid for a task that touches no node (a write that is refused as a whole, cancelation,
    // deletion, swap), the work of `replica`. With `finish` it is finished in the same step (its uid field is
    // ignored).
    virtual Async<TaskRecord> add(TaskDraft draft, ReplicaId replica, std::optional<TaskFinish> finish) = 0;

    virtual Async<std::optional<TaskRecord>> find(TaskUid uid) = 0;
    virtual Async<TaskPage> page(TaskPageRequest request) = 0;
    virtual Async<std::vector<TaskUid>> matching(TaskFilter filter) = 0;
    // Every logical index uid that a task is about, each once.
    virtual Async<std::vector<std::string>> index_uids() = 0;

    virtual Async<std::vector<NodePart>> parts(TaskUid uid) = 0;
    // Parts that are acked and whose node task is not finished, of all unfinished tasks; by node, then uid.
    virtual Async<std::vector<NodePart>> unfinished_parts() = 0;
    // Tasks that are not finished; ascending.
    virtual Async<std::vector<UnfinishedTask>> unfinished() = 0;

    // Asks whoever works on these tasks to end them as canceled by `cancelation`. No effect on finished ones,
    // or on those that another cancelation has asked for.
    virtual Async<void> request_cancel(std::vector<TaskUid> uids, TaskUid cancelation) = 0;
    // The task has begun and cannot be canceled any more.
    virtual Async<void> refuse_cancel(TaskUid uid) = 0;

    // Records what the poller saw. Never takes a finished part back to unfinished.
    virtual Async<void> update_parts(std::vector<NodePart> parts) = 0;

    // Look-ups that WriteJournal::close recorded and that have not ended; by node, then uid.
    virtual Async<std::vector<PartLookup>> lookups() = 0;
    // Records these parts like update_parts and ends their look-ups, in one step.
    virtual Async<void> end_lookups(std::vector<NodePart> parts) = 0;

    // enqueued -> processing; no effect on others.
    virtual Async<void> start(TaskUid uid, WallTime started_at) = 0;
    // Ends a task once; false when it was already finished.
    virtual Async<bool> finish(TaskFinish finish) = 0;

    // Removes finished tasks of the list with their parts; how many.
    virtual Async<std::uint64_t> remove_finished(std::vector<TaskUid> uids) = 0;

    // Rewrites the logical index uid of tasks below `below` (rename, swap).
    virtual Async<void> rename_index(std::string from, std::string to, TaskUid below) = 0;

    // Removes finished tasks that ended before `before`, and the oldest finished over `keep_max`; how many.
    virtual Async<std::uint64_t> prune(WallTime before, std::uint64_t keep_max) = 0;
};

const char* name_of(TaskStatus status);
std::optional<TaskStatus> task_status(std::string_view name);

}  // namespace miroir::coordination
