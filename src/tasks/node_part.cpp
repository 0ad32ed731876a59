#include "node_part.hpp"

#include "miroir/meili/task_filter.hpp"

namespace miroir::tasks {

using coordination::NodePart;
using coordination::TaskStatus;
using nlohmann::ordered_json;

namespace {

std::optional<WallTime> time_of(const ordered_json& task, const char* key) {
    const auto found = task.find(key);
    return found != task.end() && found->is_string() ? meili::parse_rfc3339(found->get<std::string>())
                                                     : std::nullopt;
}

void add_counts(ordered_json& total, const ordered_json& details) {
    if (!details.is_object()) {
        return;
    }
    for (const auto& [key, value] : details.items()) {
        if (value.is_number_unsigned() && total.contains(key) && total[key].is_number_unsigned()) {
            total[key] = total[key].get<std::uint64_t>() + value.get<std::uint64_t>();
        } else {
            total[key] = value;
        }
    }
}

}  // namespace

std::optional<NodeTasks> parse_node_tasks(const std::string& body) {
    auto page = ordered_json::parse(body, nullptr, false);
    if (!page.is_object() || !page.contains("results") || !page["results"].is_array()) {
        return std::nullopt;
    }
    NodeTasks tasks;
    for (auto& task : page["results"]) {
        if (task.is_object() && task.contains("uid") && task["uid"].is_number_unsigned()) {
            const auto uid = task["uid"].get<NodeTaskUid>();
            tasks.emplace(uid, std::move(task));
        }
    }
    return tasks;
}

bool is_finished(const NodePart& part) {
    return part.result != "acked" ||
           (part.status && *part.status != TaskStatus::enqueued && *part.status != TaskStatus::processing);
}

NodePart combine(NodePart part, const NodeTasks& seen) {
    auto details = ordered_json::object();
    bool all_done = true;
    std::optional<TaskStatus> worst;
    for (const auto uid : part.node_tasks) {
        const auto found = seen.find(uid);
        if (found == seen.end()) {
            return part;
        }
        const auto& task = found->second;
        const auto status =
            coordination::task_status(task.value("status", "")).value_or(TaskStatus::enqueued);
        all_done = all_done && status != TaskStatus::enqueued && status != TaskStatus::processing;
        const bool worse =
            status == TaskStatus::failed || (status == TaskStatus::canceled && worst != TaskStatus::failed);
        worst = !worst || worse ? status : *worst;
        add_counts(details, task.value("details", ordered_json()));
        if (status == TaskStatus::failed && task.contains("error")) {
            part.error_json = task["error"].dump();
        }
        const auto started = time_of(task, "startedAt");
        const auto ended = time_of(task, "finishedAt");
        part.started_at =
            started && (!part.started_at || *started < *part.started_at) ? started : part.started_at;
        part.finished_at =
            ended && (!part.finished_at || *part.finished_at < *ended) ? ended : part.finished_at;
    }
    part.status = all_done ? worst : (part.started_at ? TaskStatus::processing : TaskStatus::enqueued);
    part.details_json = details.dump();
    if (!all_done) {
        part.finished_at.reset();
    }
    return part;
}

}  // namespace miroir::tasks
