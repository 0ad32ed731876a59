#include "miroir/meili/task_filter.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "miroir/meili/error.hpp"
#include "miroir/meili/index_uid.hpp"
#include "miroir/meili/json_text.hpp"

namespace miroir::meili {
namespace {

constexpr std::array<std::string_view, 18> types{"documentAdditionOrUpdate",
                                                 "documentEdition",
                                                 "documentDeletion",
                                                 "settingsUpdate",
                                                 "indexCreation",
                                                 "indexDeletion",
                                                 "indexUpdate",
                                                 "indexSwap",
                                                 "taskCancelation",
                                                 "taskDeletion",
                                                 "dumpCreation",
                                                 "snapshotCreation",
                                                 "export",
                                                 "upgradeDatabase",
                                                 "indexCompaction",
                                                 "networkTopologyChange",
                                                 "dsrUpdate",
                                                 "dsrClear"};
constexpr std::array<std::string_view, 5> statuses{"enqueued", "processing", "succeeded", "failed",
                                                   "canceled"};

constexpr std::int64_t day_us = 86'400'000'000;

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

// The name that `text` spells in some case.
std::optional<std::string_view> named(std::string_view text, std::span<const std::string_view> names) {
    for (const std::string_view name : names) {
        if (std::ranges::equal(text, name, {}, lower, lower)) {
            return name;
        }
    }
    return std::nullopt;
}

// Reads a list item by item. `convert` gives the value of an item, `complain` the message when there is none.
template <class Convert, class Complain>
Result<void> read_items(const Place& place, StarList<std::string>& out, Convert convert, Complain complain) {
    const auto texts = split_commas(place.value.string);
    bool star = false;
    std::vector<std::string> values;
    for (std::size_t i = 0; i < texts.size(); ++i) {
        if (texts[i] == "*") {
            star = true;
            continue;
        }
        const std::optional<std::string_view> value = convert(texts[i]);
        if (!value) {
            const std::string message = complain(texts[i]);
            return invalid_value(texts.size() > 1 ? place.element(i, place.value) : place, message);
        }
        values.emplace_back(*value);
    }
    out.given = true;
    out.items.reset();
    if (!star) {
        out.items = std::move(values);
    }
    return ok();
}

Result<void> read_types(const Place& place, StarList<std::string>& out) {
    const auto complain = [](const std::string& text) {
        return "`" + text + "` is not a valid task type. Available types are " + quoted_list(types) + ".";
    };
    return read_items(
        place, out, [](const std::string& text) { return named(text, types); }, complain);
}

Result<void> read_statuses(const Place& place, StarList<std::string>& out) {
    const auto complain = [](const std::string& text) {
        return "`" + text + "` is not a valid task status. Available statuses are " + quoted_list(statuses) +
               ".";
    };
    return read_items(
        place, out, [](const std::string& text) { return named(text, statuses); }, complain);
}

Result<void> read_uid_list(const Place& place, StarList<std::string>& out) {
    const auto convert = [](const std::string& text) {
        return is_index_uid(text) ? std::optional<std::string_view>(text) : std::nullopt;
    };
    return read_items(place, out, convert, index_uid_message);
}

Result<void> read_bound(const Place& place, DateBound& out, std::int64_t whole_day_us) {
    const std::string& text = place.value.string;
    out.given = true;
    out.at.reset();
    if (text == "*") {
        return ok();
    }
    out.at = parse_rfc3339(text);
    if (out.at) {
        return ok();
    }
    out.at = parse_date(text);
    if (!out.at) {
        return invalid_value(place,
                             "`" + text +
                                 "` is an invalid date-time. It should follow the YYYY-MM-DD or RFC 3339 "
                                 "date-time format.");
    }
    out.at->us += whole_day_us;
    return ok();
}

// A date without a time means the whole day: tasks after it start at the next midnight.
Result<void> read_after(const Place& place, DateBound& out) {
    return read_bound(place, out, day_us);
}
Result<void> read_before(const Place& place, DateBound& out) {
    return read_bound(place, out, 0);
}

void append_common_fields(std::vector<Field>& fields, TaskFilter& filter) {
    const std::array common{
        field<read_query_star_list32>("canceledBy", "invalid_task_canceled_by", filter.canceled_by),
        field<read_types>("types", "invalid_task_types", filter.types),
        field<read_statuses>("statuses", "invalid_task_statuses", filter.statuses),
        field<read_uid_list>("indexUids", "invalid_index_uid", filter.index_uids),
        field<read_after>("afterEnqueuedAt", "invalid_task_after_enqueued_at", filter.after_enqueued_at),
        field<read_before>("beforeEnqueuedAt", "invalid_task_before_enqueued_at", filter.before_enqueued_at),
        field<read_after>("afterStartedAt", "invalid_task_after_started_at", filter.after_started_at),
        field<read_before>("beforeStartedAt", "invalid_task_before_started_at", filter.before_started_at),
        field<read_after>("afterFinishedAt", "invalid_task_after_finished_at", filter.after_finished_at),
        field<read_before>("beforeFinishedAt", "invalid_task_before_finished_at", filter.before_finished_at),
    };
    fields.insert(fields.end(), common.begin(), common.end());
}

Result<TaskFilter> parse_filter_for(const QueryParameters& parameters, std::string_view verb) {
    TaskFilter filter;
    std::vector<Field> fields{
        field<read_query_star_list32>("uids", "invalid_task_uids", filter.uids),
        field<read_query_star_list32>("batchUids", "invalid_batch_uids", filter.batch_uids),
    };
    append_common_fields(fields, filter);
    auto done = read_parameters(parameters, fields);
    if (!done) {
        return done.error();
    }
    if (filter.empty()) {
        return error("missing_task_filters",
                     "Query parameters to filter the tasks to " + std::string(verb) +
                         " are missing. Available query parameters are: `uids`, `indexUids`, `statuses`, "
                         "`types`, `canceledBy`, `beforeEnqueuedAt`, `afterEnqueuedAt`, `beforeStartedAt`, "
                         "`afterStartedAt`, `beforeFinishedAt`, `afterFinishedAt`.");
    }
    return filter;
}

}  // namespace

bool TaskFilter::empty() const {
    const std::array given{uids.given,
                           batch_uids.given,
                           canceled_by.given,
                           types.given,
                           statuses.given,
                           index_uids.given,
                           after_enqueued_at.given,
                           before_enqueued_at.given,
                           after_started_at.given,
                           before_started_at.given,
                           after_finished_at.given,
                           before_finished_at.given};
    return std::ranges::none_of(given, [](bool one) { return one; });
}

std::span<const std::string_view> task_types() {
    return types;
}
std::span<const std::string_view> task_statuses() {
    return statuses;
}

Result<TaskListQuery> parse_task_list(const QueryParameters& parameters) {
    TaskListQuery query;
    std::vector<Field> fields{
        field<read_query_unsigned32>("limit", "invalid_task_limit", query.limit),
        field<read_query_optional_unsigned32>("from", "invalid_task_from", query.from),
        field<read_query_boolean>("reverse", "invalid_task_reverse", query.reverse),
        field<read_query_star_list32>("batchUids", "invalid_batch_uids", query.filter.batch_uids),
        field<read_query_star_list32>("uids", "invalid_task_uids", query.filter.uids),
    };
    append_common_fields(fields, query.filter);
    auto done = read_parameters(parameters, fields);
    if (!done) {
        return done.error();
    }
    return query;
}

Result<TaskFilter> parse_task_cancelation(const QueryParameters& parameters) {
    return parse_filter_for(parameters, "cancel");
}

Result<TaskFilter> parse_task_deletion(const QueryParameters& parameters) {
    return parse_filter_for(parameters, "delete");
}

Result<std::uint32_t> parse_task_uid(std::string_view text) {
    const auto uid = to_unsigned(text, std::numeric_limits<std::uint32_t>::max());
    if (!uid) {
        return error("invalid_task_uids", "Task uid `" + std::string(text) +
                                              "` is invalid. It should only contain numeric characters.");
    }
    return static_cast<std::uint32_t>(*uid);
}

Result<std::uint32_t> parse_batch_uid(std::string_view text) {
    const auto uid = to_unsigned(text, std::numeric_limits<std::uint32_t>::max());
    if (!uid) {
        return error("invalid_batch_uids", "Batch uid `" + std::string(text) +
                                               "` is invalid. It should only contain numeric characters.");
    }
    return static_cast<std::uint32_t>(*uid);
}

}  // namespace miroir::meili
