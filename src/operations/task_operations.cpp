#include "miroir/operations/task_operations.hpp"

#include <map>
#include <nlohmann/json.hpp>

#include "miroir/meili/error.hpp"
#include "miroir/operations/node_calls.hpp"

namespace miroir::operations {

using coordination::TaskRecord;
using coordination::TaskStatus;
using nlohmann::ordered_json;

TaskOperations::TaskOperations(coordination::Store& store, NodeCalls calls, tasks::TaskPoller& poller,
                               ControlOperations& operations, Executor control, Log& log)
    : store_(store),
      calls_(calls),
      poller_(poller),
      operations_(operations),
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
    const auto record = co_await store_.tasks().add(std::move(draft), std::move(open));
    const auto uid = record.uid;
    group_.spawn("task cancelation " + std::to_string(uid), [this, uid, matched, original_filter]() {
        return cancel_all(uid, matched, original_filter);
    });
    co_return record;
}

Async<void> TaskOperations::cancel_on_nodes(TaskUid task, TaskUid cancelation) {
    const auto parts = co_await store_.tasks().parts(task);
    poller_.canceled_by(task, cancelation);
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

Async<void> TaskOperations::cancel_all(TaskUid uid, std::vector<TaskUid> matched,
                                       std::string original_filter) {
    std::vector<TaskUid> touched;
    for (const auto one : matched) {
        const auto task = co_await store_.tasks().find(one);
        if (task && unfinished(*task) && tasks::is_document_task(task->type)) {
            touched.push_back(one);
            co_await cancel_on_nodes(one, uid);
        } else if (operations_.cancel(one, uid)) {
            touched.push_back(one);
        }
    }
    std::uint64_t canceled = 0;
    for (const auto one : touched) {
        for (;;) {
            const auto task = co_await store_.tasks().find(one);
            if (!task || !unfinished(*task)) {
                canceled += task && task->status == TaskStatus::canceled ? 1 : 0;
                break;
            }
            poller_.nudge();
            co_await runtime::sleep_for(std::chrono::milliseconds(20));
        }
    }
    coordination::TaskFinish finish;
    finish.uid = uid;
    finish.details_json = details("canceledTasks", matched.size(), canceled, original_filter);
    co_await store_.tasks().finish(std::move(finish));
}

// What they matched is not stored: whoever sent them sends them again.
Async<void> TaskOperations::end_interrupted() {
    coordination::TaskFilter filter;
    filter.types = {"taskCancelation", "taskDeletion"};
    filter.statuses = {TaskStatus::enqueued, TaskStatus::processing};
    const auto left = co_await store_.tasks().matching(std::move(filter));
    for (const auto uid : left) {
        coordination::TaskFinish finish;
        finish.uid = uid;
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
    const auto record = co_await store_.tasks().add(std::move(draft), std::move(open));
    const auto uid = record.uid;
    group_.spawn("task deletion " + std::to_string(uid), [this, uid, matched, original_filter]() {
        return remove_all(uid, matched, original_filter);
    });
    co_return record;
}

Async<void> TaskOperations::remove_all(TaskUid uid, std::vector<TaskUid> matched,
                                       std::string original_filter) {
    const auto count = matched.size();
    const auto removed = co_await store_.tasks().remove_finished(std::move(matched));
    coordination::TaskFinish finish;
    finish.uid = uid;
    finish.details_json = details("deletedTasks", count, removed, original_filter);
    co_await store_.tasks().finish(std::move(finish));
}

}  // namespace miroir::operations
