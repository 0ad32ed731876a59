#pragma once

#include <string>
#include <vector>

#include "miroir/coordination/task_registry.hpp"
#include "miroir/stores/sql/connection.hpp"

namespace miroir::stores {

// `SELECT <columns> FROM tasks ` and the record of such a row.
extern const std::string task_columns;  // of `tasks`, in the order that task_of() reads
extern const std::string select_tasks;
coordination::TaskRecord task_of(const SqlRows& row);

// Takes the next uid and records the task as enqueued, at `now` or, when the clock went back, at the time of
// the task before it. Inside the caller's transaction.
coordination::TaskRecord issue_task(SqlConnection& connection, const coordination::TaskDraft& draft,
                                    const ReplicaId& replica, WallTime now);

// False when the task does not exist or was finished already.
bool finish_task(SqlConnection& connection, const coordination::TaskFinish& finish, WallTime now);

}  // namespace miroir::stores
