#include "miroir/coordination/task_registry.hpp"

namespace miroir::coordination {

const char* name_of(TaskStatus status) {
    switch (status) {
        case TaskStatus::enqueued:
            return "enqueued";
        case TaskStatus::processing:
            return "processing";
        case TaskStatus::succeeded:
            return "succeeded";
        case TaskStatus::failed:
            return "failed";
        case TaskStatus::canceled:
            return "canceled";
    }
    return "unknown";
}

std::optional<TaskStatus> task_status(std::string_view name) {
    for (const auto status : {TaskStatus::enqueued, TaskStatus::processing, TaskStatus::succeeded,
                              TaskStatus::failed, TaskStatus::canceled}) {
        if (name == name_of(status)) return status;
    }
    return std::nullopt;
}

}  // namespace miroir::coordination
