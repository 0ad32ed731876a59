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
using coordination::UnfinishedTask;
using coordination::us_of;

namespace {

std::optional<TaskRecord> find_task(SqlConnection& connection, TaskUid uid) {
    auto row = connection.query(select_tasks + "WHERE uid = ?", uid);
    if (!row.step()) return std::nullopt;
    return task_of(row);
}

// Of a row with a `replica`; its parameter is the store's time.
const std::string is_abandoned =
    "CASE WHEN EXISTS (SELECT 1 FROM peers WHERE peers.id = replica AND peers.expires_at > ?) THEN 0 ELSE 1 "
    "END ";

const std::string part_columns =
    "p.uid, p.node, p.shards, p.result, p.node_tasks, p.status, p.details, p.error, p.started_at, "
    "p.finished_at, p.found ";

NodePart part_of(const SqlRows& row) {
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

std::vector<NodePart> parts_of(SqlRows rows) {
    std::vector<NodePart> parts;
    while (rows.step()) parts.push_back(part_of(rows));
    return parts;
}

// A part's node task is finished for good once the poller has seen it so.
void update_part(SqlConnection& connection, const NodePart& part) {
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

Async<TaskRecord> SqlTaskRegistry::add(TaskDraft draft, ReplicaId replica, std::optional<TaskFinish> finish) {
    return session_.write_in_order(SqlLock::plans,
                                   [draft = std::move(draft), replica = std::move(replica),
                                    finish = std::move(finish)](SqlConnection& connection) mutable {
                                       const WallTime now = connection.now();
                                       TaskRecord task = issue_task(connection, draft, replica, now);
                                       if (!finish) return task;
                                       finish->uid = task.uid;
                                       finish_task(connection, *finish, std::max(now, task.enqueued_at));
                                       return find_task(connection, task.uid).value();
                                   });
}

// From one uid to the next along the index: a DISTINCT would visit every task.
Async<std::vector<std::string>> SqlTaskRegistry::index_uids() {
    return session_.read([](SqlConnection& connection) {
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

Async<std::optional<TaskRecord>> SqlTaskRegistry::find(TaskUid uid) {
    return session_.read([uid](SqlConnection& connection) { return find_task(connection, uid); });
}

Async<TaskPage> SqlTaskRegistry::page(TaskPageRequest request) {
    return session_.read([request = std::move(request)](SqlConnection& connection) {
        TaskPage page;
        TaskConditions conditions(request.filter, connection.dialect());
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

Async<std::vector<TaskUid>> SqlTaskRegistry::matching(TaskFilter filter) {
    return session_.read([filter = std::move(filter)](SqlConnection& connection) {
        std::vector<TaskUid> uids;
        const TaskConditions conditions(filter, connection.dialect());
        auto rows = conditions.query(connection, "SELECT uid FROM tasks ", "ORDER BY uid");
        while (rows.step()) uids.push_back(static_cast<TaskUid>(rows.integer(0)));
        return uids;
    });
}

Async<std::vector<NodePart>> SqlTaskRegistry::parts(TaskUid uid) {
    return session_.read([uid](SqlConnection& connection) {
        return parts_of(connection.query(
            "SELECT " + part_columns + "FROM task_parts p WHERE p.uid = ? ORDER BY p.node", uid));
    });
}

Async<std::vector<NodePart>> SqlTaskRegistry::unfinished_parts() {
    return session_.read([](SqlConnection& connection) {
        return parts_of(connection.query(
            "SELECT " + part_columns +
            "FROM tasks t JOIN task_parts p ON p.uid = t.uid WHERE t.finished_at IS NULL "
            "AND p.result = 'acked' AND COALESCE(p.status, '') NOT IN ('succeeded', 'failed', 'canceled') "
            "ORDER BY p.node, p.uid"));
    });
}

Async<std::vector<UnfinishedTask>> SqlTaskRegistry::unfinished() {
    return session_.read([](SqlConnection& connection) {
        std::vector<UnfinishedTask> tasks;
        auto rows = connection.query("SELECT " + task_columns + ", replica, cancel_by, " + is_abandoned +
                                         "FROM tasks WHERE finished_at IS NULL ORDER BY uid",
                                     connection.now().us);
        while (rows.step()) {
            UnfinishedTask unfinished;
            unfinished.task = task_of(rows);
            unfinished.replica = ReplicaId(rows.text(11));
            if (const auto by = rows.optional_integer(12)) unfinished.cancel_by = static_cast<TaskUid>(*by);
            unfinished.abandoned = rows.integer(13) != 0;
            tasks.push_back(std::move(unfinished));
        }
        return tasks;
    });
}

Async<void> SqlTaskRegistry::request_cancel(std::vector<TaskUid> uids, TaskUid cancelation) {
    return session_.write(SqlLock::none, [uids = std::move(uids), cancelation](SqlConnection& connection) {
        connection.run(
            "UPDATE tasks SET cancel_by = ? WHERE finished_at IS NULL AND cancel_by IS NULL AND uid IN (" +
                connection.dialect().numbers_of_list + ")",
            cancelation, list_text(uids));
    });
}

Async<void> SqlTaskRegistry::refuse_cancel(TaskUid uid) {
    return session_.write(SqlLock::none, [uid](SqlConnection& connection) {
        connection.run("UPDATE tasks SET cancel_by = NULL WHERE uid = ?", uid);
    });
}

Async<void> SqlTaskRegistry::update_parts(std::vector<NodePart> parts) {
    return session_.write(SqlLock::none, [parts = std::move(parts)](SqlConnection& connection) {
        for (const NodePart& part : parts) update_part(connection, part);
    });
}

Async<std::vector<PartLookup>> SqlTaskRegistry::lookups() {
    return session_.read([](SqlConnection& connection) {
        std::vector<PartLookup> lookups;
        auto rows = connection.query(
            "SELECT l.uid, l.node, l.nonce, l.node_tasks, l.newest_before, CASE WHEN t.finished_at IS NULL "
            "THEN 0 ELSE 1 END, t.replica, " +
                is_abandoned + "FROM lookups l JOIN tasks t ON t.uid = l.uid ORDER BY l.node, l.uid",
            connection.now().us);
        while (rows.step()) {
            PartLookup lookup;
            lookup.uid = static_cast<TaskUid>(rows.integer(0));
            lookup.node = NodeId(rows.text(1));
            lookup.nonce = rows.text(2);
            lookup.node_tasks = static_cast<std::uint32_t>(rows.integer(3));
            if (const auto newest = rows.optional_integer(4))
                lookup.newest_before = static_cast<NodeTaskUid>(*newest);
            lookup.task_ended = rows.integer(5) != 0;
            lookup.replica = ReplicaId(rows.text(6));
            lookup.abandoned = rows.integer(7) != 0;
            lookups.push_back(std::move(lookup));
        }
        return lookups;
    });
}

Async<void> SqlTaskRegistry::end_lookups(std::vector<NodePart> parts) {
    return session_.write(SqlLock::none, [parts = std::move(parts)](SqlConnection& connection) {
        for (const NodePart& part : parts) {
            update_part(connection, part);
            connection.run("DELETE FROM lookups WHERE uid = ? AND node = ?", part.uid, part.node.str());
        }
    });
}

Async<void> SqlTaskRegistry::start(TaskUid uid, WallTime started_at) {
    return session_.write(SqlLock::none, [uid, started_at](SqlConnection& connection) {
        connection.run(
            "UPDATE tasks SET status = 'processing', started_at = ? WHERE uid = ? AND status = 'enqueued'",
            started_at.us, uid);
    });
}

Async<bool> SqlTaskRegistry::finish(TaskFinish finish) {
    return session_.write(SqlLock::none, [finish = std::move(finish)](SqlConnection& connection) {
        return finish_task(connection, finish, connection.now());
    });
}

Async<std::uint64_t> SqlTaskRegistry::remove_finished(std::vector<TaskUid> uids) {
    return session_.write(SqlLock::none, [uids = std::move(uids)](SqlConnection& connection) {
        const auto removed = connection.run("DELETE FROM tasks WHERE finished_at IS NOT NULL AND uid IN (" +
                                                connection.dialect().numbers_of_list + ")",
                                            list_text(uids));
        return static_cast<std::uint64_t>(removed);
    });
}

Async<void> SqlTaskRegistry::rename_index(std::string from, std::string to, TaskUid below) {
    return session_.write(
        SqlLock::plans, [from = std::move(from), to = std::move(to), below](SqlConnection& connection) {
            connection.run("UPDATE tasks SET index_uid = ? WHERE index_uid = ? AND uid < ?", to, from, below);
        });
}

Async<std::uint64_t> SqlTaskRegistry::prune(WallTime before, std::uint64_t keep_max) {
    return session_.write(SqlLock::none, [before, keep_max](SqlConnection& connection) {
        auto removed = connection.run("DELETE FROM tasks WHERE finished_at < ?", before.us);
        removed += connection.run(
            "DELETE FROM tasks WHERE uid IN (SELECT uid FROM tasks WHERE finished_at IS NOT NULL "
            "ORDER BY finished_at DESC, uid DESC LIMIT 4000000000 OFFSET ?)",
            keep_max);
        return static_cast<std::uint64_t>(removed);
    });
}

}  // namespace miroir::stores
