#include "task_filter.hpp"

#include <utility>

#include "miroir/coordination/stored_values.hpp"

namespace miroir::stores {

using coordination::list_text;

TaskConditions::TaskConditions(const coordination::TaskFilter& filter) {
    const auto add_list = [this](const std::string& column, const auto& values) {
        if (!values.empty()) add(column + " IN (SELECT value FROM json_each(?))", list_text(values));
    };
    const auto add_time = [this](const std::string& condition, std::optional<WallTime> time) {
        if (time) add(condition, time->us);
    };
    std::vector<std::string> statuses;
    for (const auto status : filter.statuses) statuses.emplace_back(name_of(status));

    add_list("uid", filter.uids);
    add_list("canceled_by", filter.canceled_by);
    add_list("type", filter.types);
    add_list("status", statuses);
    add_list("index_uid", filter.index_uids);
    add_time("enqueued_at > ?", filter.after_enqueued_at);
    add_time("enqueued_at < ?", filter.before_enqueued_at);
    add_time("started_at > ?", filter.after_started_at);
    add_time("started_at < ?", filter.before_started_at);
    add_time("finished_at > ?", filter.after_finished_at);
    add_time("finished_at < ?", filter.before_finished_at);
    if (filter.below) add("uid < ?", std::int64_t{*filter.below});
}

void TaskConditions::add(const std::string& condition, std::variant<std::int64_t, std::string> value) {
    where_ += (where_.empty() ? "WHERE " : "AND ") + condition + " ";
    values_.push_back(std::move(value));
}

sqlite::Statement TaskConditions::query(sqlite::Connection& connection, const std::string& head,
                                        const std::string& tail) const {
    sqlite::Statement statement(connection, head + where_ + tail);
    int parameter = 0;
    for (const auto& value : values_) {
        ++parameter;
        std::visit([&](const auto& typed) { statement.bind(parameter, typed); }, value);
    }
    return statement;
}

}  // namespace miroir::stores
