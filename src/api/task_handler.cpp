#include "miroir/api/task_handler.hpp"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "miroir/api/shielded.hpp"
#include "miroir/meili/error.hpp"
#include "miroir/meili/json_text.hpp"
#include "miroir/meili/task_filter.hpp"

namespace miroir::api {

using coordination::TaskRecord;
using coordination::TaskStatus;
using nlohmann::ordered_json;

namespace {

void append_text_or_null(std::string& out, const std::optional<std::string>& text) {
    if (text) {
        meili::append_json_string(out, *text);
    } else {
        out += "null";
    }
}

std::string number_or_null(const std::optional<TaskUid>& number) {
    return number ? std::to_string(*number) : "null";
}

std::string time_or_null(const std::optional<WallTime>& time) {
    return time ? "\"" + rfc3339(*time) + "\"" : "null";
}

// A task that ended without reaching a node began when it was enqueued.
std::optional<WallTime> started(const TaskRecord& task) {
    const bool at_once = !task.started_at && task.finished_at && task.status != TaskStatus::canceled;
    return at_once ? task.enqueued_at : task.started_at;
}

std::string duration_or_null(const TaskRecord& task) {
    const auto begun = started(task);
    if (!task.finished_at || !begun) {
        return "null";
    }
    const std::chrono::microseconds spent(task.finished_at->us - begun->us);
    return "\"" + iso8601_duration(spent) + "\"";
}

}  // namespace

std::string task_json(const TaskRecord& task) {
    const bool begun = task.status != TaskStatus::enqueued;
    std::string out = "{\"uid\":" + std::to_string(task.uid) +
                      ",\"batchUid\":" + (begun ? std::to_string(task.uid) : "null") + ",\"indexUid\":";
    append_text_or_null(out, task.index_uid);
    out.append(",\"status\":\"").append(name_of(task.status)).append("\",\"type\":\"").append(task.type);
    out += "\",\"canceledBy\":" + number_or_null(task.canceled_by);
    if (!task.details_json.empty()) {
        out += ",\"details\":" + task.details_json;
    }
    out += ",\"error\":" + (task.error_json.empty() ? "null" : task.error_json);
    out += ",\"duration\":" + duration_or_null(task);
    out += ",\"enqueuedAt\":\"" + rfc3339(task.enqueued_at) + "\"";
    out +=
        ",\"startedAt\":" + time_or_null(started(task)) + ",\"finishedAt\":" + time_or_null(task.finished_at);
    if (task.custom_metadata) {
        out += ",\"customMetadata\":";
        meili::append_json_string(out, *task.custom_metadata);
    }
    return out + "}";
}

namespace {

// No task has this uid: a filter without uids would match all.
std::vector<TaskUid> no_task() {
    return {std::numeric_limits<TaskUid>::max()};
}

std::vector<TaskUid> uids_of(const meili::TaskFilter& filter) {
    if (!filter.batch_uids.items) {
        auto uids = filter.uids.items.value_or(std::vector<std::uint32_t>{});
        return filter.uids.items && uids.empty() ? no_task() : uids;
    }
    // A task is its own batch.
    std::vector<TaskUid> both;
    for (const auto uid : *filter.batch_uids.items) {
        const auto& uids = filter.uids.items;
        if (!uids || std::find(uids->begin(), uids->end(), uid) != uids->end()) {
            both.push_back(uid);
        }
    }
    return both.empty() ? no_task() : both;
}

coordination::TaskFilter filter_of(const meili::TaskFilter& asked) {
    coordination::TaskFilter filter;
    filter.uids = uids_of(asked);
    filter.canceled_by = asked.canceled_by.items.value_or(std::vector<std::uint32_t>{});
    filter.types = asked.types.items.value_or(std::vector<std::string>{});
    for (const auto& status : asked.statuses.items.value_or(std::vector<std::string>{})) {
        filter.statuses.push_back(*coordination::task_status(status));
    }
    filter.index_uids = asked.index_uids.items.value_or(std::vector<std::string>{});
    filter.after_enqueued_at = asked.after_enqueued_at.at;
    filter.before_enqueued_at = asked.before_enqueued_at.at;
    filter.after_started_at = asked.after_started_at.at;
    filter.before_started_at = asked.before_started_at.at;
    filter.after_finished_at = asked.after_finished_at.at;
    filter.before_finished_at = asked.before_finished_at.at;
    return filter;
}

// A grant for some indexes only shows tasks about exactly one index.
bool visible(const TaskRecord& task, const auth::Grant& grant) {
    return !grant.index_allowed || (task.index_uid && grant.allows(LogicalIndexUid(*task.index_uid)));
}

}  // namespace

TaskHandler::TaskHandler(coordination::TaskRegistry& tasks, operations::TaskOperations& operations,
                         Executor control)
    : tasks_(tasks), operations_(operations), control_(std::move(control)) {}

// The filter narrowed to the indexes of the grant, so that pages and totals count only what it shows.
Async<coordination::TaskFilter> TaskHandler::allowed_part(coordination::TaskFilter filter,
                                                          auth::Grant grant) {
    if (!grant.index_allowed) {
        co_return filter;
    }
    if (filter.index_uids.empty()) {
        auto call = tasks_.index_uids();
        filter.index_uids = co_await shielded_on(control_, std::move(call));
    }
    std::erase_if(filter.index_uids, [&](const auto& uid) { return !grant.allows(LogicalIndexUid(uid)); });
    if (filter.index_uids.empty()) {
        filter.uids = no_task();
    }
    co_return filter;
}

// The engine counts what matches, also what a key for some indexes is not shown. Empty when that is all.
Async<std::optional<std::uint64_t>> TaskHandler::total_without(auth::Grant grant,
                                                               coordination::TaskFilter filter) {
    if (!grant.index_allowed) {
        co_return std::nullopt;
    }
    coordination::TaskPageRequest wanted;
    wanted.filter = std::move(filter);
    wanted.limit = 0;
    auto call = tasks_.page(std::move(wanted));
    const auto page = co_await shielded_on(control_, std::move(call));
    co_return page.total;
}

Async<Result<http::Response>> TaskHandler::list(http::Request request, auth::Grant grant) {
    const auto query = meili::parse_task_list(meili::decode_query(request.query));
    if (!query) {
        co_return query.error();
    }
    const auto limit = query.value().limit;
    coordination::TaskPageRequest wanted;
    auto filter = filter_of(query.value().filter);
    const auto total_of_all = co_await total_without(grant, filter);
    wanted.filter = co_await allowed_part(std::move(filter), std::move(grant));
    wanted.limit = limit;
    wanted.from = query.value().from;
    wanted.ascending = query.value().reverse;
    auto call = tasks_.page(std::move(wanted));
    const auto page = co_await shielded_on(control_, std::move(call));
    std::string out = "{\"results\":[";
    std::size_t shown = 0;
    for (std::size_t i = 0; i < page.tasks.size() && i < limit; ++i) {
        out += (shown++ == 0 ? "" : ",") + task_json(page.tasks[i]);
    }
    const auto first = shown > 0 ? std::optional(page.tasks.front().uid) : std::nullopt;
    const auto next = page.tasks.size() > limit ? std::optional(page.tasks[limit].uid) : std::nullopt;
    const auto total = total_of_all.value_or(page.total);
    out += "],\"total\":" + std::to_string(total) + ",\"limit\":" + std::to_string(limit) +
           ",\"from\":" + number_or_null(first) + ",\"next\":" + number_or_null(next) + "}";
    co_return http::json_response(std::move(out));
}

Async<Result<http::Response>> TaskHandler::get(http::Request request, auth::Grant grant) {
    const auto uid = meili::parse_task_uid(request.path_parameter("taskUid"));
    if (!uid) {
        co_return uid.error();
    }
    auto call = tasks_.find(uid.value());
    const auto task = co_await shielded_on(control_, std::move(call));
    if (!task || !visible(*task, grant)) {
        co_return meili::error("task_not_found", "Task `" + std::to_string(uid.value()) + "` not found.");
    }
    co_return http::json_response(task_json(*task));
}

Async<Result<http::Response>> TaskHandler::cancel(http::Request request, auth::Grant grant) {
    const auto filter = meili::parse_task_cancelation(meili::decode_query(request.query));
    if (!filter) {
        co_return filter.error();
    }
    auto asked = filter_of(filter.value());
    auto allowed = co_await allowed_part(std::move(asked), std::move(grant));
    auto call = operations_.cancel(std::move(allowed), "?" + request.query);
    const auto task = co_await shielded_on(control_, std::move(call));
    TaskSummary summary;
    summary.uid = task.uid;
    summary.type = task.type;
    summary.enqueued_at = task.enqueued_at;
    co_return accepted(summary, 200);
}

Async<Result<http::Response>> TaskHandler::remove(http::Request request, auth::Grant grant) {
    const auto filter = meili::parse_task_deletion(meili::decode_query(request.query));
    if (!filter) {
        co_return filter.error();
    }
    auto asked = filter_of(filter.value());
    auto allowed = co_await allowed_part(std::move(asked), std::move(grant));
    auto call = operations_.remove(std::move(allowed), "?" + request.query);
    const auto task = co_await shielded_on(control_, std::move(call));
    TaskSummary summary;
    summary.uid = task.uid;
    summary.type = task.type;
    summary.enqueued_at = task.enqueued_at;
    co_return accepted(summary, 200);
}

Async<Result<http::Response>> TaskHandler::breakdown(http::Request request, auth::Grant) {
    const auto uid = meili::parse_task_uid(request.path_parameter("taskUid"));
    if (!uid) {
        co_return uid.error();
    }
    auto call = tasks_.parts(uid.value());
    const auto parts = co_await shielded_on(control_, std::move(call));
    auto nodes = ordered_json::array();
    for (const auto& part : parts) {
        nodes.push_back(
            ordered_json{{"node", part.node.str()},
                         {"shards", part.shards},
                         {"result", part.result},
                         {"nodeTasks", part.node_tasks},
                         {"status", part.status ? ordered_json(name_of(*part.status)) : ordered_json()}});
    }
    co_return http::json_response(ordered_json{{"uid", uid.value()}, {"nodes", nodes}}.dump());
}

}  // namespace miroir::api
