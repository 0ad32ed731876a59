#include <algorithm>

#include "devnode/api.hpp"
#include "miroir/meili/error.hpp"
#include "miroir/meili/json_text.hpp"

namespace miroir::devnode {

namespace {

template <class Value>
bool allows(const meili::StarList<Value>& wanted, const std::optional<Value>& value) {
    return !wanted.items ||
           (value && std::find(wanted.items->begin(), wanted.items->end(), *value) != wanted.items->end());
}

bool between(const meili::DateBound& after, const meili::DateBound& before,
             const std::optional<WallTime>& time) {
    return (!after.at || (time && *time > *after.at)) && (!before.at || (time && *time < *before.at));
}

// A swap belongs to its indexes where tasks are counted, though it is never listed under one.
bool swaps_one_of(const meili::TaskFilter& filter, const Task& task) {
    return task.kind == TaskKind::index_swap && filter.index_uids.items &&
           std::any_of(filter.index_uids.items->begin(), filter.index_uids.items->end(),
                       [&](const auto& uid) {
                           return task.details.find(meili::json_string(uid)) != std::string::npos;
                       });
}

bool selects(const meili::TaskFilter& filter, const Task& task) {
    return allows(filter.uids, std::optional(task.uid)) && allows(filter.batch_uids, task.batch_uid) &&
           allows(filter.canceled_by, task.canceled_by) &&
           allows(filter.types, std::optional(std::string(type_of(task.kind)))) &&
           allows(filter.statuses, std::optional(std::string(name_of(task.status)))) &&
           (allows(filter.index_uids, task.index_uid) || swaps_one_of(filter, task)) &&
           between(filter.after_enqueued_at, filter.before_enqueued_at, task.enqueued_at) &&
           between(filter.after_started_at, filter.before_started_at, task.started_at) &&
           between(filter.after_finished_at, filter.before_finished_at, task.finished_at);
}

// One page of the tasks that a filter selects, newest or oldest first.
struct Listing {
    std::vector<std::string> results;
    std::uint64_t total = 0;
    std::optional<std::uint32_t> from;
    std::optional<std::uint32_t> next;
};

Listing list(const Engine& engine, const meili::TaskListQuery& query) {
    Listing out;
    std::vector<std::uint32_t> selected;
    engine.visit_tasks([&](const Task& task) {
        if (selects(query.filter, task)) {
            ++out.total;
            if (task.index_uid || !query.filter.index_uids.items) {
                selected.push_back(task.uid);
            }
        }
    });
    if (!query.reverse) {
        std::reverse(selected.begin(), selected.end());
    }
    for (const auto uid : selected) {
        const bool before_from = query.from && (query.reverse ? uid < *query.from : uid > *query.from);
        if (before_from) {
            continue;
        }
        if (out.results.size() == query.limit) {
            out.next = uid;
            break;
        }
        if (const auto task = engine.find_task(uid)) {
            out.from = out.from ? out.from : uid;
            out.results.push_back(task_json(*task));
        }
    }
    return out;
}

std::string number_or_null(const std::optional<std::uint32_t>& number) {
    return number ? std::to_string(*number) : "null";
}

}  // namespace

Api::Answer Api::list_tasks(const http::Request& request) {
    const auto query = meili::parse_task_list(meili::decode_query(request.query));
    if (!query) {
        return query.error();
    }
    const auto page = list(engine_, query.value());
    std::string out = "{\"results\":[";
    for (const auto& task : page.results) {
        out += (out.back() == '[' ? "" : ",") + task;
    }
    out += "],\"total\":" + std::to_string(page.total) + ",\"limit\":" + std::to_string(query.value().limit);
    return http::json_response(out + ",\"from\":" + number_or_null(page.from) +
                               ",\"next\":" + number_or_null(page.next) + "}");
}

Api::Answer Api::get_task(const http::Request& request) {
    const auto uid = meili::parse_task_uid(request.path_parameter("task"));
    if (!uid) {
        return uid.error();
    }
    const auto task = engine_.find_task(uid.value());
    if (!task) {
        return meili::error("task_not_found", "Task `" + std::to_string(uid.value()) + "` not found.");
    }
    return http::json_response(task_json(*task));
}

Api::Answer Api::cancel_tasks(const http::Request& request) {
    const auto filter = meili::parse_task_cancelation(meili::decode_query(request.query));
    return filter ? enqueue_about_tasks(TaskKind::task_cancelation, filter.value(), request.query)
                  : filter.error();
}

Api::Answer Api::delete_tasks(const http::Request& request) {
    const auto filter = meili::parse_task_deletion(meili::decode_query(request.query));
    return filter ? enqueue_about_tasks(TaskKind::task_deletion, filter.value(), request.query)
                  : filter.error();
}

Api::Answer Api::enqueue_about_tasks(TaskKind kind, const meili::TaskFilter& filter,
                                     const std::string& query) {
    std::string uids = "[";
    std::size_t count = 0;
    engine_.visit_tasks([&](const Task& task) {
        if (selects(filter, task)) {
            uids += (count++ == 0 ? "" : ",") + std::to_string(task.uid);
        }
    });
    Task task;
    task.kind = kind;
    task.parameters = uids + "]";
    const std::string done = kind == TaskKind::task_cancelation ? "canceledTasks" : "deletedTasks";
    task.details = "{\"matchedTasks\":" + std::to_string(count) + ",\"" + done +
                   "\":null,\"originalFilter\":" + meili::json_string("?" + query) + "}";
    return enqueue(std::move(task), 200);
}

}  // namespace miroir::devnode
