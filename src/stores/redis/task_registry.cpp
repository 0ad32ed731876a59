#include "task_registry.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <tuple>

#include "miroir/coordination/stored_values.hpp"

namespace miroir::stores {

using coordination::list_text;
using coordination::NodePart;
using coordination::PartLookup;
using coordination::status_named;
using coordination::TaskDraft;
using coordination::TaskFilter;
using coordination::TaskFinish;
using coordination::TaskPage;
using coordination::TaskPageRequest;
using coordination::TaskRecord;
using coordination::time_of;
using coordination::UnfinishedTask;
using coordination::us_of;
using nlohmann::json;

namespace {

constexpr auto script = RedisScript::tasks;
// A step that removes more holds everybody up.
constexpr std::size_t removed_at_once = 500;

std::optional<TaskUid> uid_of(std::optional<std::int64_t> number) {
    return number ? std::optional(static_cast<TaskUid>(*number)) : std::nullopt;
}

TaskRecord task_of(const RedisHash& hash) {
    TaskRecord task;
    task.uid = static_cast<TaskUid>(hash.number("uid"));
    task.type = hash.text("type");
    task.index_uid = hash.optional_text("index");
    task.status = status_named(hash.text("status"));
    task.canceled_by = uid_of(hash.optional_number("canceled_by"));
    task.details_json = hash.text("details");
    task.error_json = hash.text("error");
    task.custom_metadata = hash.optional_text("metadata");
    task.enqueued_at = {hash.number("enqueued_at")};
    task.started_at = time_of(hash.optional_number("started_at"));
    task.finished_at = time_of(hash.optional_number("finished_at"));
    return task;
}

NodePart part_of(const RedisHash& hash) {
    NodePart part;
    part.uid = static_cast<TaskUid>(hash.number("uid"));
    part.node = NodeId(hash.text("node"));
    part.shards = coordination::numbers_in(hash.text("shards"));
    part.result = hash.text("result");
    part.node_tasks = coordination::numbers_in(hash.text("node_tasks"));
    if (const auto status = hash.optional_text("status")) part.status = status_named(*status);
    part.details_json = hash.text("details");
    part.error_json = hash.text("error");
    part.started_at = time_of(hash.optional_number("started_at"));
    part.finished_at = time_of(hash.optional_number("finished_at"));
    part.found = hash.text("found") == "1";
    return part;
}

std::vector<NodePart> parts_of(const RedisReply& reply) {
    std::vector<NodePart> parts;
    for (const auto& one : reply.list()) parts.push_back(part_of(RedisHash(one)));
    std::sort(parts.begin(), parts.end(), [](const NodePart& left, const NodePart& right) {
        return std::tie(left.node, left.uid) < std::tie(right.node, right.uid);
    });
    return parts;
}

// As update_part() of the script reads it.
std::string parts_text(const std::vector<NodePart>& parts) {
    auto list = json::array();
    for (const auto& part : parts) {
        json one{{"uid", std::to_string(part.uid)},
                 {"node", part.node.str()},
                 {"shards", list_text(part.shards)},
                 {"result", part.result},
                 {"node_tasks", list_text(part.node_tasks)},
                 {"details", part.details_json},
                 {"error", part.error_json},
                 {"found", part.found ? "1" : "0"}};
        if (part.status) one["status"] = name_of(*part.status);
        if (part.started_at) one["started_at"] = std::to_string(part.started_at->us);
        if (part.finished_at) one["finished_at"] = std::to_string(part.finished_at->us);
        list.push_back(std::move(one));
    }
    return list.dump(-1, ' ', false, json::error_handler_t::replace);
}

// As matching() of the script reads it.
std::string filter_text(const TaskFilter& filter) {
    std::vector<std::string> statuses;
    for (const auto status : filter.statuses) statuses.emplace_back(name_of(status));
    json out{{"uids", filter.uids},
             {"canceled_by", filter.canceled_by},
             {"type", filter.types},
             {"status", statuses},
             {"index", filter.index_uids}};
    const std::pair<const char*, const std::optional<WallTime>&> bounds[] = {
        {"after_enqueued_at", filter.after_enqueued_at}, {"before_enqueued_at", filter.before_enqueued_at},
        {"after_started_at", filter.after_started_at},   {"before_started_at", filter.before_started_at},
        {"after_finished_at", filter.after_finished_at}, {"before_finished_at", filter.before_finished_at}};
    for (const auto& [name, bound] : bounds) {
        if (bound) out[name] = std::to_string(bound->us);
    }
    if (filter.below) out["below"] = *filter.below;
    return out.dump(-1, ' ', false, json::error_handler_t::replace);
}

void append(std::vector<std::string>& step, const TaskFinish& finish) {
    const auto canceled_by =
        finish.canceled_by ? std::optional<std::int64_t>(*finish.canceled_by) : std::nullopt;
    step.insert(step.end(), {name_of(finish.status), finish.details_json, finish.error_json,
                             optional_argument(canceled_by), optional_argument(us_of(finish.started_at)),
                             optional_argument(us_of(finish.finished_at))});
}

}  // namespace

Async<TaskRecord> RedisTaskRegistry::add(TaskDraft draft, ReplicaId replica,
                                         std::optional<TaskFinish> finish) {
    std::vector<std::string> step = {"add",
                                     draft.type,
                                     optional_argument(draft.index_uid),
                                     draft.details_json,
                                     optional_argument(draft.custom_metadata),
                                     replica.str(),
                                     finish ? "1" : "0"};
    append(step, finish.value_or(TaskFinish{}));
    const auto reply = co_await session_.step(script, std::move(step));
    co_return task_of(RedisHash(reply));
}

Async<std::optional<TaskRecord>> RedisTaskRegistry::find(TaskUid uid) {
    std::vector<std::string> step = {"find", std::to_string(uid)};
    const auto reply = co_await session_.step(script, std::move(step));
    const RedisHash hash(reply);
    if (hash.empty()) co_return std::nullopt;
    co_return task_of(hash);
}

Async<TaskPage> RedisTaskRegistry::page(TaskPageRequest request) {
    const auto from = request.from ? std::optional<std::int64_t>(*request.from) : std::nullopt;
    std::vector<std::string> step = {"page", filter_text(request.filter), std::to_string(request.limit),
                                     optional_argument(from), request.ascending ? "1" : "0"};
    const auto reply = co_await session_.step(script, std::move(step));
    TaskPage page;
    page.total = static_cast<std::uint64_t>(reply.at(0).number());
    for (const auto& one : reply.at(1).list()) page.tasks.push_back(task_of(RedisHash(one)));
    co_return page;
}

Async<std::vector<TaskUid>> RedisTaskRegistry::matching(TaskFilter filter) {
    std::vector<std::string> step = {"matching", filter_text(filter)};
    const auto reply = co_await session_.step(script, std::move(step));
    co_return reply.numbers();
}

Async<std::vector<std::string>> RedisTaskRegistry::index_uids() {
    const auto reply = co_await session_.step(script, "index_uids");
    co_return reply.texts();
}

Async<std::vector<NodePart>> RedisTaskRegistry::parts(TaskUid uid) {
    std::vector<std::string> step = {"parts", std::to_string(uid)};
    const auto reply = co_await session_.step(script, std::move(step));
    co_return parts_of(reply);
}

Async<std::vector<NodePart>> RedisTaskRegistry::unfinished_parts() {
    const auto reply = co_await session_.step(script, "unfinished_parts");
    co_return parts_of(reply);
}

Async<std::vector<UnfinishedTask>> RedisTaskRegistry::unfinished() {
    const auto reply = co_await session_.step(script, "unfinished");
    std::vector<UnfinishedTask> tasks;
    for (const auto& one : reply.list()) {
        const RedisHash hash(one.at(1));
        UnfinishedTask unfinished;
        unfinished.task = task_of(hash);
        unfinished.replica = ReplicaId(hash.text("replica"));
        unfinished.abandoned = one.at(0).number() == 1;
        unfinished.cancel_by = uid_of(hash.optional_number("cancel_by"));
        tasks.push_back(std::move(unfinished));
    }
    co_return tasks;
}

Async<void> RedisTaskRegistry::request_cancel(std::vector<TaskUid> uids, TaskUid cancelation) {
    std::vector<std::string> step = {"request_cancel", std::to_string(cancelation), list_text(uids)};
    co_await session_.step(script, std::move(step));
}

Async<void> RedisTaskRegistry::refuse_cancel(TaskUid uid) {
    std::vector<std::string> step = {"refuse_cancel", std::to_string(uid)};
    co_await session_.step(script, std::move(step));
}

Async<void> RedisTaskRegistry::update_parts(std::vector<NodePart> parts) {
    std::vector<std::string> step = {"update_parts", parts_text(parts)};
    co_await session_.step(script, std::move(step));
}

Async<std::vector<PartLookup>> RedisTaskRegistry::lookups() {
    const auto reply = co_await session_.step(script, "lookups");
    std::vector<PartLookup> lookups;
    for (const auto& one : reply.list()) {
        const RedisHash hash(one.at(5));
        PartLookup lookup;
        lookup.uid = static_cast<TaskUid>(one.at(0).number());
        lookup.node = NodeId(one.at(1).text());
        lookup.task_ended = one.at(2).number() == 1;
        lookup.replica = ReplicaId(one.at(3).text());
        lookup.abandoned = one.at(4).number() == 1;
        lookup.nonce = hash.text("nonce");
        lookup.node_tasks = static_cast<std::uint32_t>(hash.number("node_tasks"));
        lookup.newest_before = uid_of(hash.optional_number("newest_before"));
        lookups.push_back(std::move(lookup));
    }
    std::sort(lookups.begin(), lookups.end(), [](const PartLookup& left, const PartLookup& right) {
        return std::tie(left.node, left.uid) < std::tie(right.node, right.uid);
    });
    co_return lookups;
}

Async<void> RedisTaskRegistry::end_lookups(std::vector<NodePart> parts) {
    std::vector<std::string> step = {"end_lookups", parts_text(parts)};
    co_await session_.step(script, std::move(step));
}

Async<void> RedisTaskRegistry::start(TaskUid uid, WallTime started_at) {
    std::vector<std::string> step = {"start", std::to_string(uid), std::to_string(started_at.us)};
    co_await session_.step(script, std::move(step));
}

Async<bool> RedisTaskRegistry::finish(TaskFinish finish) {
    std::vector<std::string> step = {"finish", std::to_string(finish.uid)};
    append(step, finish);
    const auto reply = co_await session_.step(script, std::move(step));
    co_return reply.number() == 1;
}

Async<std::uint64_t> RedisTaskRegistry::remove_finished(std::vector<TaskUid> uids) {
    std::uint64_t removed = 0;
    for (std::size_t first = 0; first < uids.size(); first += removed_at_once) {
        const auto last = std::min(uids.size(), first + removed_at_once);
        const std::vector<TaskUid> some(uids.begin() + static_cast<std::ptrdiff_t>(first),
                                        uids.begin() + static_cast<std::ptrdiff_t>(last));
        std::vector<std::string> step = {"remove_finished", list_text(some)};
        const auto reply = co_await session_.step(script, std::move(step));
        removed += static_cast<std::uint64_t>(reply.number());
    }
    co_return removed;
}

Async<void> RedisTaskRegistry::rename_index(std::string from, std::string to, TaskUid below) {
    std::vector<std::string> step = {"rename_index", std::move(from), std::move(to), std::to_string(below)};
    co_await session_.step(script, std::move(step));
}

Async<std::uint64_t> RedisTaskRegistry::prune(WallTime before, std::uint64_t keep_max) {
    std::uint64_t removed = 0;
    for (;;) {
        std::vector<std::string> step = {"prune", std::to_string(before.us), std::to_string(keep_max),
                                         std::to_string(removed_at_once)};
        const auto reply = co_await session_.step(script, std::move(step));
        if (reply.number() == 0) co_return removed;
        removed += static_cast<std::uint64_t>(reply.number());
    }
}

}  // namespace miroir::stores
