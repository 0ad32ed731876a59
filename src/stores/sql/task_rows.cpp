#include "task_rows.hpp"

#include <limits>
#include <stdexcept>

#include "miroir/coordination/stored_values.hpp"

namespace miroir::stores {

using coordination::status_named;
using coordination::TaskDraft;
using coordination::TaskFinish;
using coordination::TaskRecord;
using coordination::time_of;
using coordination::us_of;

const std::string task_columns =
    "uid, type, index_uid, status, canceled_by, details, error, custom_metadata, enqueued_at, started_at, "
    "finished_at ";
const std::string select_tasks = "SELECT " + task_columns + "FROM tasks ";

TaskRecord task_of(const SqlRows& row) {
    TaskRecord task;
    task.uid = static_cast<TaskUid>(row.integer(0));
    task.type = row.text(1);
    task.index_uid = row.optional_text(2);
    task.status = status_named(row.text(3));
    if (const auto canceled_by = row.optional_integer(4))
        task.canceled_by = static_cast<TaskUid>(*canceled_by);
    task.details_json = row.text(5);
    task.error_json = row.text(6);
    task.custom_metadata = row.optional_text(7);
    task.enqueued_at = {row.integer(8)};
    task.started_at = time_of(row.optional_integer(9));
    task.finished_at = time_of(row.optional_integer(10));
    return task;
}

TaskRecord issue_task(SqlConnection& connection, const TaskDraft& draft, const ReplicaId& replica,
                      WallTime now) {
    TaskRecord task;
    {
        auto row =
            connection.query("UPDATE counters SET value = value + 1 WHERE name = 'task_uid' RETURNING value");
        row.step();
        const std::int64_t uid = row.integer(0) - 1;
        if (uid > std::numeric_limits<std::int32_t>::max()) throw std::range_error("all task uids are used");
        task.uid = static_cast<TaskUid>(uid);
        row.step();
    }
    {
        auto row = connection.query(
            "UPDATE counters SET value = CASE WHEN value < ?1 THEN ?1 ELSE value END WHERE name = "
            "'enqueued_at' RETURNING value",
            now.us);
        row.step();
        task.enqueued_at = {row.integer(0)};
        row.step();
    }
    task.type = draft.type;
    task.index_uid = draft.index_uid;
    task.details_json = draft.details_json;
    task.custom_metadata = draft.custom_metadata;
    connection.run(
        "INSERT INTO tasks (uid, type, index_uid, status, details, custom_metadata, enqueued_at, replica) "
        "VALUES (?, ?, ?, 'enqueued', ?, ?, ?, ?)",
        task.uid, task.type, task.index_uid, task.details_json, task.custom_metadata, task.enqueued_at.us,
        replica.str());
    return task;
}

bool finish_task(SqlConnection& connection, const TaskFinish& finish, WallTime now) {
    return connection.run(
               "UPDATE tasks SET status = ?2, details = COALESCE(NULLIF(?3, ''), details), error = ?4, "
               "canceled_by = ?5, started_at = COALESCE(?6, started_at), finished_at = ?7 "
               "WHERE uid = ?1 AND finished_at IS NULL",
               finish.uid, name_of(finish.status), finish.details_json, finish.error_json, finish.canceled_by,
               us_of(finish.started_at), finish.finished_at.value_or(now).us) > 0;
}

}  // namespace miroir::stores
