#include "task_filter.hpp"

#include <utility>

#include "miroir/coordination/stored_values.hpp"

namespace miroir::stores {

using coordination::list_text;

TaskConditions::TaskConditions(const coordination::TaskFilter& filter, const SqlDialect& dialect) {
    const auto add_numbers = [&](const std::string& column, const std::vector<TaskUid>& values) {
        if (!values.empty()) add(column + " IN (" + dialect.numbers_of_list + ")", list_text(values));
    };
    const auto add_texts = [&](const std::string& column, const std::vector<std::string>& values) {
        if (!values.empty()) add(column + " IN (" + dialect.texts_of_list + ")", list_text(values));
    };
    const auto add_time = [this](const std::string& condition, std::optional<WallTime> time) {
        if (time) add(condition, time->us);
    };
    std::vector<std::string> statuses;
    for (const auto status : filter.statuses) statuses.emplace_back(name_of(status));

    add_numbers("uid", filter.uids);
    add_numbers("canceled_by", filter.canceled_by);
    add_texts("type", filter.types);
    add_texts("status", statuses);
    add_texts("index_uid", filter.index_uids);
    add_time("enqueued_at > ?", filter.after_enqueued_at);
    add_time("enqueued_at < ?", filter.before_enqueued_at);
    add_time("started_at > ?", filter.after_started_at);
    add_time("started_at < ?", filter.before_started_at);
    add_time("finished_at > ?", filter.after_finished_at);
    add_time("finished_at < ?", filter.before_finished_at);
    if (filter.below) add("uid < ?", std::int64_t{*filter.below});
}

void TaskConditions::add(const std::string& condition, SqlValue value) {
    where_ += (where_.empty() ? "WHERE " : "AND ") + condition + " ";
    values_.push_back(std::move(value));
}

SqlRows TaskConditions::query(SqlConnection& connection, const std::string& head,
                              const std::string& tail) const {
    return connection.query_with(head + where_ + tail, values_);
}

}  // namespace miroir::stores
