#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "miroir/base/clock.hpp"
#include "miroir/base/result.hpp"
#include "miroir/meili/query_reader.hpp"
#include "miroir/meili/search_query.hpp"

namespace miroir::meili {

// An exclusive bound. `*` is given without a moment.
struct DateBound {
    bool given = false;
    std::optional<WallTime> at;
    friend bool operator==(const DateBound&, const DateBound&) = default;
};

// Which tasks (or batches) are meant: values of one list are alternatives, all members must hold.
struct TaskFilter {
    StarList<std::uint32_t> uids;
    StarList<std::uint32_t> batch_uids;
    StarList<std::uint32_t> canceled_by;
    // In Meilisearch's spelling, whatever the case they were sent in.
    StarList<std::string> types;
    StarList<std::string> statuses;
    StarList<std::string> index_uids;
    DateBound after_enqueued_at;
    DateBound before_enqueued_at;
    DateBound after_started_at;
    DateBound before_started_at;
    DateBound after_finished_at;
    DateBound before_finished_at;

    // No parameter was given, not even a `*`.
    bool empty() const;
};

// GET /tasks and GET /batches
struct TaskListQuery {
    TaskFilter filter;
    std::uint32_t limit = 20;
    std::optional<std::uint32_t> from;
    bool reverse = false;
};
Result<TaskListQuery> parse_task_list(const QueryParameters& parameters);

// POST /tasks/cancel and DELETE /tasks: missing_task_filters without any parameter.
Result<TaskFilter> parse_task_cancelation(const QueryParameters& parameters);
Result<TaskFilter> parse_task_deletion(const QueryParameters& parameters);

// The uid in the path of a task or batch.
Result<std::uint32_t> parse_task_uid(std::string_view text);
Result<std::uint32_t> parse_batch_uid(std::string_view text);

// The names of all types and statuses in declared order.
std::span<const std::string_view> task_types();
std::span<const std::string_view> task_statuses();

// RFC 3339, any separator between date and time; empty when it is no such moment.
std::optional<WallTime> parse_rfc3339(std::string_view text);
// YYYY-MM-DD, midnight UTC.
std::optional<WallTime> parse_date(std::string_view text);

}  // namespace miroir::meili
