#include "task_registry.hpp"

#include "miroir/coordination/stored_values.hpp"
#include "task_filter.hpp"
#include "task_rows.hpp"

namespace miroir::stores {

using coordination::list_text;
using coordination::NodePart;
using coordination::numbers_in;
using coordination::PartLookup;
using coordination::status_named;
using coordination::TaskDraft;
using coordination::TaskFilter;
using coordination::TaskFinish;
using coordination::TaskPage;
using coordination::TaskPageRequest;
using coordination::TaskRecord;
using coordination::time_of;
using coordination::us_of;
using sqlite::Connection;

namespace {

std::optional<TaskRecord> find_task(Connection& connection, TaskUid uid) {
    auto row = connection.query(select_tasks + "WHERE uid = ?", uid);
    if (!row.step()) return std::nullopt;
    return task_of(row);
}

const std::string part_columns =
    "p.uid, p.node, p.shards, p.result, p.node_tasks, p.status, p.details, p.error, p.started_at, "
    "p.finished_at, p.found ";

NodePart part_of(const sqlite::Statement& row) {
    NodePart part;
    part.uid = static_cast<TaskUid>(row.integer(0));
    part.node = NodeId(row.text(1));
    part.shards = numbers_in(row.text(2));
    part.result = row.text(3);
    part.node_tasks = numbers_in(row.text(4));
    if (const auto status = row.optional_text(5)) part.status = status_named(*status);
    part.details_json = row.text(6);
    part.error_json = row.text(7);
    part.started_at = time_of(row.optional_integer(8));
    part.finished_at = time_of(row.optional_integer(9));
    part.found = row.integer(10) != 0;
    return part;
}

std::vector<NodePart> parts_of(sqlite::Statement rows) {
    std::vector<NodePart> parts;
    while (rows.step()) parts.push_back(part_of(rows));
    return parts;
}

// A part's node task is finished for good once the poller has seen it so.
void update_part(Connection& connection, const NodePart& part) {
    std::optional<std::string> status;
    if (part.status) status = name_of(*part.status);
    connection.run(
        "UPDATE task_parts SET shards = ?3, result = ?4, node_tasks = ?5, status = ?6, details = ?7, "
        "error = ?8, started_at = ?9, finished_at = ?10, found = ?11 WHERE uid = ?1 AND node = ?2 "
        "AND NOT (COALESCE(status, '') IN ('succeeded', 'failed', 'canceled') "
        "AND COALESCE(?6, '') NOT IN ('succeeded', 'failed', 'canceled'))",
        part.uid, part.node.str(), list_text(part.shards), part.result, list_text(part.node_tasks), status,
        part.details_json, part.error_json, us_of(part.started_at), us_of(part.finished_at), part.found);
}

}  // namespace

Async<TaskRecord> SqliteTaskRegistry::add(TaskDraft draft, std::optional<TaskFinish> finish) {
    return session_.write(
        [this, draft = std::move(draft), finish = std::move(finish)](Connection& connection) mutable {
            const WallTime now = session_.now();
            TaskRecord task = issue_task(connection, draft, now);
            if (!finish) return task;
            finish->uid = task.uid;
            finish_task(connection, *finish, std::max(now, task.enqueued_at));
            return find_task(connection, task.uid).value();
        });
}

// From one uid to the next along the index: a DISTINCT would visit every task.
Async<std::vector<std::string>> SqliteTaskRegistry::index_uids() {
    return session_.read([](Connection& connection) {
        std::vector<std::string> uids;
        auto rows = connection.query(
            "WITH RECURSIVE each(name) AS (SELECT MIN(index_uid) FROM tasks UNION ALL "
            "SELECT (SELECT MIN(index_uid) FROM tasks WHERE index_uid > name) FROM each WHERE name IS NOT "
            "NULL) "
            "SELECT name FROM each WHERE name IS NOT NULL");
        while (rows.step()) uids.push_back(rows.text(0));
        return uids;
    });
}

Async<std::optional<TaskRecord>> SqliteTaskRegistry::find(TaskUid uid) {
    return session_.read([uid](Connection& connection) { return find_task(connection, uid); });
}

Async<TaskPage> SqliteTaskRegistry::page(TaskPageRequest request) {
    return session_.read([request = std::move(request)](Connection& connection) {
        TaskPage page;
        TaskConditions conditions(request.filter);
        auto total = conditions.query(connection, "SELECT COUNT(*) FROM tasks ", "");
        total.step();
        page.total = static_cast<std::uint64_t>(total.integer(0));

        if (request.from)
            conditions.add(request.ascending ? "uid >= ?" : "uid <= ?", std::int64_t{*request.from});
        const std::string order = request.ascending ? "ORDER BY uid ASC" : "ORDER BY uid DESC";
        const std::int64_t rows_max = std::int64_t{request.limit} + 1;
        auto rows = conditions.query(connection, select_tasks, order + " LIMIT " + std::to_string(rows_max));
        while (rows.step()) page.tasks.push_back(task_of(rows));
        return page;
    });
}

Async<std::vector<TaskUid>> SqliteTaskRegistry::matching(TaskFilter filter) {
    return session_.read([filter = std::move(filter)](Connection& connection) {
        std::vector<TaskUid> uids;
        const TaskConditions conditions(filter);
        auto rows = conditions.query(connection, "SELECT uid FROM tasks ", "ORDER BY uid");
        while (rows.step()) uids.push_back(static_cast<TaskUid>(rows.integer(0)));
        return uids;
    });
}

Async<std::vector<NodePart>> SqliteTaskRegistry::parts(TaskUid uid) {
    return session_.read([uid](Connection& connection) {
        return parts_of(connection.query(
            "SELECT " + part_columns + "FROM task_parts p WHERE p.uid = ? ORDER BY p.node", uid));
    });
}

Async<std::vector<NodePart>> SqliteTaskRegistry::unfinished_parts() {
    return session_.read([](Connection& connection) {
        return parts_of(connection.query(
            "SELECT " + part_columns +
            "FROM tasks t CROSS JOIN task_parts p ON p.uid = t.uid WHERE t.finished_at IS NULL "
            "AND p.result = 'acked' AND COALESCE(p.status, '') NOT IN ('succeeded', 'failed', 'canceled') "
            "ORDER BY p.node, p.uid"));
    });
}

Async<std::vector<TaskRecord>> SqliteTaskRegistry::unfinished() {
    return session_.read([](Connection& connection) {
        std::vector<TaskRecord> tasks;
        auto rows = connection.query(select_tasks + "WHERE finished_at IS NULL ORDER BY uid");
        while (rows.step()) tasks.push_back(task_of(rows));
        return tasks;
    });
}

Async<void> SqliteTaskRegistry::update_parts(std::vector<NodePart> parts) {
    return session_.write([parts = std::move(parts)](Connection& connection) {
        for (const NodePart& part : parts) update_part(connection, part);
    });
}

Async<std::vector<PartLookup>> SqliteTaskRegistry::lookups() {
    return session_.read([](Connection& connection) {
        std::vector<PartLookup> lookups;
        auto rows = connection.query(
            "SELECT l.uid, l.node, l.nonce, l.node_tasks, l.newest_before, t.finished_at IS NOT NULL "
            "FROM lookups l CROSS JOIN tasks t ON t.uid = l.uid ORDER BY l.node, l.uid");
        while (rows.step()) {
            PartLookup lookup;
            lookup.uid = static_cast<TaskUid>(rows.integer(0));
            lookup.node = NodeId(rows.text(1));
            lookup.nonce = rows.text(2);
            lookup.node_tasks = static_cast<std::uint32_t>(rows.integer(3));
            if (const auto newest = rows.optional_integer(4))
                lookup.newest_before = static_cast<NodeTaskUid>(*newest);
            lookup.task_ended = rows.integer(5) != 0;
            lookups.push_back(std::move(lookup));
        }
        return lookups;
    });
}

Async<void> SqliteTaskRegistry::end_lookups(std::vector<NodePart> parts) {
    return session_.write([parts = std::move(parts)](Connection& connection) {
        for (const NodePart& part : parts) {
            update_part(connection, part);
            connection.run("DELETE FROM lookups WHERE uid = ? AND node = ?", part.uid, part.node.str());
        }
    });
}

Async<void> SqliteTaskRegistry::start(TaskUid uid, WallTime started_at) {
    return session_.write([uid, started_at](Connection& connection) {
        connection.run(
            "UPDATE tasks SET status = 'processing', started_at = ? WHERE uid = ? AND status = 'enqueued'",
            started_at.us, uid);
    });
}

Async<bool> SqliteTaskRegistry::finish(TaskFinish finish) {
    return session_.write([this, finish = std::move(finish)](Connection& connection) {
        return finish_task(connection, finish, session_.now());
    });
}

Async<std::uint64_t> SqliteTaskRegistry::remove_finished(std::vector<TaskUid> uids) {
    return session_.write([uids = std::move(uids)](Connection& connection) {
        const auto removed = connection.run(
            "DELETE FROM tasks WHERE finished_at IS NOT NULL AND uid IN (SELECT value FROM json_each(?))",
            list_text(uids));
        return static_cast<std::uint64_t>(removed);
    });
}

Async<void> SqliteTaskRegistry::rename_index(std::string from, std::string to, TaskUid below) {
    return session_.write([from = std::move(from), to = std::move(to), below](Connection& connection) {
        connection.run("UPDATE tasks SET index_uid = ? WHERE index_uid = ? AND uid < ?", to, from, below);
    });
}

Async<std::uint64_t> SqliteTaskRegistry::prune(WallTime before, std::uint64_t keep_max) {
    return session_.write([before, keep_max](Connection& connection) {
        auto removed = connection.run("DELETE FROM tasks WHERE finished_at < ?", before.us);
        removed += connection.run(
            "DELETE FROM tasks WHERE uid IN (SELECT uid FROM tasks WHERE finished_at IS NOT NULL "
            "ORDER BY finished_at DESC, uid DESC LIMIT -1 OFFSET ?)",
            keep_max);
        return static_cast<std::uint64_t>(removed);
    });
}

}  // namespace miroir::stores
