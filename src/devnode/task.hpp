#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "miroir/base/clock.hpp"
#include "miroir/base/error.hpp"

namespace miroir::devnode {

enum class TaskStatus { enqueued, processing, succeeded, failed, canceled };
std::string_view name_of(TaskStatus status);

// What a task has to do. The order is that of the type names in the API.
enum class TaskKind {
    document_addition,
    document_deletion_by_ids,
    document_deletion_by_filter,
    document_clear,
    settings_update,
    index_creation,
    index_update,
    index_deletion,
    index_swap,
    index_compaction,
    task_cancelation,
    task_deletion,
};
// The API's name: several kinds share one.
std::string_view type_of(TaskKind kind);

struct Task {
    std::uint32_t uid = 0;
    TaskKind kind = TaskKind::index_creation;
    // Of index_swap, task_cancelation and task_deletion: none.
    std::optional<std::string> index_uid;
    TaskStatus status = TaskStatus::enqueued;
    std::optional<std::uint32_t> batch_uid;
    std::optional<std::uint32_t> canceled_by;
    // A JSON object.
    std::string details;
    std::optional<ApiError> error;
    WallTime enqueued_at;
    std::optional<WallTime> started_at;
    std::optional<WallTime> finished_at;
    std::optional<std::string> custom_metadata;
    // The parameters as a JSON value; of a document addition also the request's body. Both are dropped when
    // the task has finished.
    std::string parameters;
    std::string payload;

    bool finished() const { return status > TaskStatus::processing; }
};

// The answer to the request that made the task.
std::string summary_json(const Task& task);
std::string task_json(const Task& task);

}  // namespace miroir::devnode
