#include "devnode/task_runner.hpp"

#include <algorithm>

#include "miroir/meili/error.hpp"
#include "miroir/meili/json_text.hpp"
#include "miroir/meili/settings.hpp"

namespace miroir::devnode {

namespace {

std::optional<std::string> text_member(const JsonValue& parameters, std::string_view name) {
    const JsonValue* value = parameters.find(name);
    return value && value->kind == JsonKind::string ? std::optional(value->string) : std::nullopt;
}

ApiError already_exists(const std::string& uid) {
    return meili::error("index_already_exists", "Index `" + uid + "` already exists.");
}

TaskOutcome failed(ApiError error) {
    return {"", std::move(error)};
}

std::string deleted_details(std::size_t count) {
    return "{\"deletedDocuments\":" + std::to_string(count) + "}";
}

}  // namespace

TaskOutcome TaskRunner::run(const Task& task) {
    renames_.clear();
    auto parsed = meili::parse_json(task.parameters.empty() ? "null" : task.parameters);
    const JsonValue parameters = parsed ? parsed.value() : JsonValue{};
    switch (task.kind) {
        case TaskKind::document_addition:
            return add_documents(task, parameters);
        case TaskKind::document_deletion_by_ids:
            return delete_by_ids(task, parameters);
        case TaskKind::document_deletion_by_filter:
            return delete_by_filter(task, parameters);
        case TaskKind::document_clear:
            return clear_documents(task);
        case TaskKind::settings_update:
            return update_settings(task, parameters);
        case TaskKind::index_creation:
            return create_index(task, parameters);
        case TaskKind::index_update:
            return update_index(task, parameters);
        case TaskKind::index_deletion:
            return delete_index(task);
        case TaskKind::index_swap:
            return swap_indexes(task, parameters);
        case TaskKind::index_compaction:
            if (!find_index(indexes_, *task.index_uid)) {
                return failed(meili::index_not_found(*task.index_uid));
            }
            return {R"({"preCompactionSize":"4 KiB","postCompactionSize":"4 KiB"})", std::nullopt};
        case TaskKind::task_cancelation:
        case TaskKind::task_deletion:
            break;
    }
    return failed(meili::error("internal", "A task that is not about indexes."));
}

Index& TaskRunner::make_index(const std::string& uid) {
    auto index = std::make_unique<Index>();
    index->uid = uid;
    index->created_at = index->updated_at = clock_.wall();
    index->set_rules(make_rules(meili::default_settings_json()));
    storage_.save_index(*index);
    return *(indexes_[uid] = std::move(index));
}

void TaskRunner::touch(Index& index) {
    index.updated_at = clock_.wall();
    storage_.save_index(index);
}

TaskOutcome TaskRunner::create_index(const Task& task, const JsonValue& parameters) {
    if (find_index(indexes_, *task.index_uid)) {
        return failed(already_exists(*task.index_uid));
    }
    Index& index = make_index(*task.index_uid);
    index.primary_key = text_member(parameters, "primaryKey");
    touch(index);
    return {};
}

TaskOutcome TaskRunner::update_index(const Task& task, const JsonValue& parameters) {
    Index* index = find_index(indexes_, *task.index_uid);
    if (!index) {
        return failed(meili::index_not_found(*task.index_uid));
    }
    const auto primary_key = text_member(parameters, "primaryKey");
    const auto uid = text_member(parameters, "uid");
    if (primary_key && index->document_count() > 0 && primary_key != index->primary_key) {
        return failed(meili::error("index_primary_key_already_exists",
                                   "Index `" + index->uid + "`: Index already has a primary key: `" +
                                       index->primary_key.value_or("") + "`."));
    }
    if (uid && find_index(indexes_, *uid)) {
        return failed(already_exists(*uid));
    }
    if (primary_key) {
        index->primary_key = primary_key;
    }
    if (uid) {
        renames_.push_back({index->uid, *uid});
        auto moved = std::move(indexes_[index->uid]);
        indexes_.erase(moved->uid);
        moved->uid = *uid;
        indexes_[*uid] = std::move(moved);
    }
    touch(*index);
    return {};
}

TaskOutcome TaskRunner::delete_index(const Task& task) {
    Index* index = find_index(indexes_, *task.index_uid);
    if (!index) {
        return {deleted_details(0), meili::index_not_found(*task.index_uid)};
    }
    const auto count = index->document_count();
    storage_.delete_index(*index);
    indexes_.erase(*task.index_uid);
    return {deleted_details(count), std::nullopt};
}

TaskOutcome TaskRunner::swap_indexes(const Task&, const JsonValue& parameters) {
    std::vector<std::string> missing;
    for (const auto& swap : parameters.items) {
        const auto& names = swap.find("indexes")->items;
        const bool rename = swap.find("rename")->boolean;
        for (std::size_t i = 0; i < (rename ? 1U : 2U); ++i) {
            if (!find_index(indexes_, names[i].string)) {
                missing.push_back(names[i].string);
            }
        }
        if (rename && find_index(indexes_, names[1].string)) {
            return failed(meili::error("index_already_exists",
                                       "Cannot rename `" + names[0].string + "` to `" + names[1].string +
                                           "` as the index already exists. Hint: You can remove `" +
                                           names[1].string + "` first and then do your remove."));
        }
    }
    if (missing.size() == 1) {
        return failed(meili::index_not_found(missing.front()));
    }
    if (!missing.empty()) {
        std::sort(missing.begin(), missing.end());
        return failed(
            meili::error("index_not_found", "Indexes " + meili::quoted_list(missing) + " not found."));
    }
    for (const auto& swap : parameters.items) {
        const auto& names = swap.find("indexes")->items;
        swap_pair(names[0].string, names[1].string);
    }
    return {};
}

void TaskRunner::swap_pair(const std::string& left, const std::string& right) {
    auto from_left = std::move(indexes_[left]);
    auto from_right = std::move(indexes_[right]);
    indexes_.erase(left);
    indexes_.erase(right);
    const auto place = [&](std::unique_ptr<Index> index, const std::string& from, const std::string& to) {
        if (index) {
            renames_.push_back({from, to});
            index->uid = to;
            storage_.save_index(*index);
            indexes_[to] = std::move(index);
        }
    };
    place(std::move(from_left), left, right);
    place(std::move(from_right), right, left);
}

TaskOutcome TaskRunner::clear_documents(const Task& task) {
    Index* index = find_index(indexes_, *task.index_uid);
    if (!index) {
        return {deleted_details(0), meili::index_not_found(*task.index_uid)};
    }
    const auto count = index->document_count();
    storage_.delete_documents(*index);
    index->clear();
    touch(*index);
    return {deleted_details(count), std::nullopt};
}

}  // namespace miroir::devnode
