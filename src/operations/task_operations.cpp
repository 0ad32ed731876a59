#include "miroir/operations/task_operations.hpp"

#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "miroir/coordination/until_taken.hpp"
#include "miroir/meili/error.hpp"
#include "miroir/operations/node_calls.hpp"

namespace miroir::operations {

using coordination::TaskRecord;
using coordination::TaskStatus;
using nlohmann::ordered_json;

TaskOperations::TaskOperations(coordination::Store& store, membership::Peers& peers, NodeCalls calls,
                               tasks::TaskPoller& poller, Executor control, Log& log)
    : store_(store),
      peers_(peers),
      calls_(calls),
      poller_(poller),
      group_(control, runtime::log_errors(log)) {}

Async<void> TaskOperations::stop() {
    return group_.stop();
}

namespace {

std::string details(const char* outcome, std::size_t matched, ordered_json count, const std::string& filter) {
    ordered_json object{{"matchedTasks", matched}};
    object[outcome] = std::move(count);
    object["originalFilter"] = filter;
    return object.dump();
}

bool unfinished(const TaskRecord& task) {
    return task.status == TaskStatus::enqueued || task.status == TaskStatus::processing;
}

}  // namespace

Async<TaskRecord> TaskOperations::cancel(coordination::TaskFilter filter, std::string original_filter) {
    auto matched = co_await store_.tasks().matching(std::move(filter));
    coordination::TaskDraft draft;
    draft.type = "taskCancelation";
    draft.details_json = details("canceledTasks", matched.size(), nullptr, original_filter);
    std::optional<coordination::TaskFinish> open;
    auto self = peers_.self();
    const auto record = co_await store_.tasks().add(std::move(draft), std::move(self), std::move(open));
    const auto uid = record.uid;
    group_.spawn("task cancelation " + std::to_string(uid), [this, uid, matched, original_filter]() {
        return coordination::until_taken([=, this]() { return cancel_all(uid, matched, original_filter); });
    });
    co_return record;
}

Async<void> TaskOperations::cancel_on_nodes(TaskUid task) {
    const auto parts = co_await store_.tasks().parts(task);
    for (const auto& part : parts) {
        if (part.result != "acked" ||
            (part.status && *part.status != TaskStatus::enqueued && *part.status != TaskStatus::processing)) {
            continue;
        }
        NodeCall call;
        call.target = "/tasks/cancel?uids=";
        for (std::size_t i = 0; i < part.node_tasks.size(); ++i) {
            call.target += (i == 0 ? "" : ",") + std::to_string(part.node_tasks[i]);
        }
        co_await calls_.send(part.node, std::move(call));
    }
}

// Document tasks are canceled on their nodes, the others by the replica that works on them.
Async<void> TaskOperations::cancel_all(TaskUid uid, std::vector<TaskUid> matched,
                                       std::string original_filter) {
    std::vector<TaskUid> touched;
    std::vector<TaskUid> of_documents;
    for (const auto one : matched) {
        const auto task = co_await store_.tasks().find(one);
        if (!task || !unfinished(*task)) {
            continue;
        }
        touched.push_back(one);
        if (tasks::is_document_task(task->type)) {
            of_documents.push_back(one);
        }
    }
    auto requested = touched;
    co_await store_.tasks().request_cancel(std::move(requested), uid);
    for (const auto one : of_documents) {
        co_await cancel_on_nodes(one);
    }
    co_await wait_until_ended(std::move(touched));
    std::uint64_t canceled = 0;
    for (const auto one : matched) {
        const auto task = co_await store_.tasks().find(one);
        canceled += task && task->canceled_by == uid ? 1 : 0;
    }
    coordination::TaskFinish finish;
    finish.uid = uid;
    finish.details_json = details("canceledTasks", matched.size(), canceled, original_filter);
    co_await store_.tasks().finish(std::move(finish));
}

// Or cannot be canceled any more.
Async<void> TaskOperations::wait_until_ended(std::vector<TaskUid> uids) {
    while (!uids.empty()) {
        poller_.nudge();
        co_await runtime::sleep_for(std::chrono::milliseconds(20));
        std::set<TaskUid> open;
        const auto unfinished = co_await store_.tasks().unfinished();
        for (const auto& one : unfinished) {
            if (one.cancel_by) {
                open.insert(one.task.uid);
            }
        }
        std::erase_if(uids, [&](TaskUid uid) { return open.count(uid) == 0; });
    }
}

// What they matched is not stored: whoever sent them sends them again.
Async<void> TaskOperations::end_interrupted() {
    const auto left = co_await store_.tasks().unfinished();
    for (const auto& one : left) {
        const bool theirs = one.task.type == "taskCancelation" || one.task.type == "taskDeletion";
        if (!theirs || !one.abandoned || !peers_.is_mine("task " + std::to_string(one.task.uid))) {
            continue;
        }
        coordination::TaskFinish finish;
        finish.uid = one.task.uid;
        finish.status = TaskStatus::failed;
        finish.error_json =
            meili::to_json(meili::error("internal", "Interrupted by a restart. Send it again."));
        co_await store_.tasks().finish(std::move(finish));
    }
}

Async<TaskRecord> TaskOperations::remove(coordination::TaskFilter filter, std::string original_filter) {
    auto matched = co_await store_.tasks().matching(std::move(filter));
    coordination::TaskDraft draft;
    draft.type = "taskDeletion";
    draft.details_json = details("deletedTasks", matched.size(), nullptr, original_filter);
    std::optional<coordination::TaskFinish> open;
    auto self = peers_.self();
    const auto record = co_await store_.tasks().add(std::move(draft), std::move(self), std::move(open));
    const auto uid = record.uid;
    group_.spawn("task deletion " + std::to_string(uid), [this, uid, matched, original_filter]() {
        return coordination::until_taken([=, this]() { return remove_all(uid, matched, original_filter); });
    });
    co_return record;
}

Async<void> TaskOperations::remove_all(TaskUid uid, std::vector<TaskUid> matched,
                                       std::string original_filter) {
    auto some = matched;
    co_await store_.tasks().remove_finished(std::move(some));
    // Counted by what is left: the reply to an earlier attempt may have been lost.
    std::vector<TaskUid> kept;
    if (!matched.empty()) {
        coordination::TaskFilter left;
        left.uids = matched;
        kept = co_await store_.tasks().matching(std::move(left));
    }
    const auto removed = matched.size() - kept.size();
    coordination::TaskFinish finish;
    finish.uid = uid;
    finish.details_json = details("deletedTasks", matched.size(), removed, original_filter);
    co_await store_.tasks().finish(std::move(finish));
}

}  // namespace miroir::operations
