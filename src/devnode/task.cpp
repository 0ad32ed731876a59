#include "devnode/task.hpp"

#include <array>

#include "miroir/meili/error.hpp"
#include "miroir/meili/json_text.hpp"

namespace miroir::devnode {

namespace {

constexpr std::array<std::string_view, 5> status_names = {"enqueued", "processing", "succeeded", "failed",
                                                          "canceled"};
constexpr std::array<std::string_view, 12> type_names = {
    "documentAdditionOrUpdate",
    "documentDeletion",
    "documentDeletion",
    "documentDeletion",
    "settingsUpdate",
    "indexCreation",
    "indexUpdate",
    "indexDeletion",
    "indexSwap",
    "indexCompaction",
    "taskCancelation",
    "taskDeletion",
};

std::string time_or_null(const std::optional<WallTime>& time) {
    return time ? '"' + rfc3339(*time) + '"' : "null";
}

std::string number_or_null(const std::optional<std::uint32_t>& number) {
    return number ? std::to_string(*number) : "null";
}

std::string text_or_null(const std::optional<std::string>& text) {
    return text ? meili::json_string(*text) : "null";
}

std::string quoted(std::string_view text) {
    return '"' + std::string(text) + '"';
}

std::string metadata_member(const Task& task) {
    return task.custom_metadata ? ",\"customMetadata\":" + meili::json_string(*task.custom_metadata) : "";
}

std::string duration(const Task& task) {
    if (!task.started_at || !task.finished_at) {
        return "null";
    }
    return quoted(iso8601_duration(std::chrono::microseconds(task.finished_at->us - task.started_at->us)));
}

}  // namespace

std::string_view name_of(TaskStatus status) {
    return status_names[static_cast<std::size_t>(status)];
}

std::string_view type_of(TaskKind kind) {
    return type_names[static_cast<std::size_t>(kind)];
}

std::string summary_json(const Task& task) {
    return "{\"taskUid\":" + std::to_string(task.uid) + ",\"indexUid\":" + text_or_null(task.index_uid) +
           ",\"status\":" + quoted(name_of(task.status)) + ",\"type\":" + quoted(type_of(task.kind)) +
           ",\"enqueuedAt\":" + quoted(rfc3339(task.enqueued_at)) + metadata_member(task) + "}";
}

std::string task_json(const Task& task) {
    std::string out =
        "{\"uid\":" + std::to_string(task.uid) + ",\"batchUid\":" + number_or_null(task.batch_uid);
    out += ",\"indexUid\":" + text_or_null(task.index_uid) + ",\"status\":" + quoted(name_of(task.status));
    out += ",\"type\":" + quoted(type_of(task.kind)) + ",\"canceledBy\":" + number_or_null(task.canceled_by);
    if (!task.details.empty()) {
        out += ",\"details\":" + task.details;
    }
    out += ",\"error\":" + (task.error ? meili::to_json(*task.error) : "null") +
           ",\"duration\":" + duration(task);
    out += ",\"enqueuedAt\":" + quoted(rfc3339(task.enqueued_at));
    out += ",\"startedAt\":" + time_or_null(task.started_at);
    out += ",\"finishedAt\":" + time_or_null(task.finished_at);
    return out + metadata_member(task) + "}";
}

}  // namespace miroir::devnode
