#include "miroir/tasks/task_poller.hpp"

#include <algorithm>

#include "miroir/coordination/store_error.hpp"
#include "miroir/meili/error.hpp"
#include "miroir/runtime/gather.hpp"
#include "node_part.hpp"
#include "part_lookups.hpp"

namespace miroir::tasks {

using coordination::NodePart;
using coordination::TaskRecord;
using coordination::TaskStatus;
using coordination::UnfinishedTask;

bool is_document_task(const std::string& type) {
    return type == "documentAdditionOrUpdate" || type == "documentDeletion" || type == "documentEdition";
}

TaskPoller::TaskPoller(coordination::Store& store, nodes::NodeClient& nodes, PollerOptions options,
                       DivergenceRecorder record_divergence, ErrorRewriter rewrite_error, Executor control,
                       Log& log, Metrics& metrics)
    : store_(store),
      nodes_(nodes),
      options_(std::move(options)),
      record_divergence_(std::move(record_divergence)),
      rewrite_error_(std::move(rewrite_error)),
      log_(log),
      metrics_(metrics),
      news_(control),
      progress_(control),
      group_(control, runtime::log_errors(log)) {
    LookupOptions lookup;
    lookup.scan_max = options_.lookup_scan_max;
    lookup.request_timeout = options_.request_timeout;
    lookup.ownership = options_.ownership;
    lookups_ = std::make_unique<PartLookups>(store, nodes, lookup, record_divergence_, log, metrics);
}

TaskPoller::~TaskPoller() = default;

void TaskPoller::start() {
    group_.spawn("task polling", [this]() { return poll_forever(); });
    group_.spawn("task pruning", [this]() { return prune_forever(); });
}

Async<void> TaskPoller::stop() {
    return group_.stop();
}

void TaskPoller::nudge() {
    news_.notify_all();
}

std::uint64_t TaskPoller::backlog(const NodeId& node) const {
    const auto found = backlog_.find(node);
    return found == backlog_.end() ? 0 : found->second;
}

void TaskPoller::on_finished(std::function<void(const TaskRecord&)> listener) {
    listeners_.push_back(std::move(listener));
}

Async<void> TaskPoller::poll_forever() {
    auto pause = options_.interval_min;
    for (;;) {
        bool moved = false;
        bool store_away = false;
        try {
            moved = co_await round();
        } catch (const coordination::StoreUnavailable& away) {
            store_away = true;
        }
        if (store_away) {
            log_.warn("the coordination store is away: task polling waits", {});
        }
        pause = moved ? options_.interval_min : std::min(pause * 3 / 2, options_.interval_max);
        const bool nudged = co_await news_.wait(pause);
        if (nudged) {
            pause = options_.interval_min;
        }
    }
}

void TaskPoller::show_backlog(const NodeId& node, std::uint64_t tasks) {
    metrics_.gauge("miroir_node_backlog", "Unfinished node tasks.", {{"node", node.str()}})
        .set(static_cast<double>(tasks));
}

bool TaskPoller::is_mine(const UnfinishedTask& unfinished) const {
    return options_.ownership.owns_task(unfinished.task.uid, unfinished.replica, unfinished.abandoned);
}

// The backlog is everybody's; polled is what is this replica's.
Async<bool> TaskPoller::round() {
    const auto tasks = co_await store_.tasks().unfinished();
    std::set<TaskUid> others;
    for (const auto& one : tasks) {
        if (!is_mine(one)) {
            others.insert(one.task.uid);
        }
    }
    auto parts = co_await store_.tasks().unfinished_parts();
    for (auto& [node, count] : backlog_) {
        count = 0;
    }
    std::map<NodeId, std::vector<NodePart>> by_node;
    for (auto& part : parts) {
        ++backlog_[part.node];
        if (others.count(part.uid) == 0) {
            by_node[part.node].push_back(std::move(part));
        }
    }
    for (const auto& [node, count] : backlog_) {
        show_backlog(node, count);
    }
    std::vector<Async<std::vector<NodePart>>> calls;
    for (auto& [node, pending] : by_node) {
        calls.push_back(poll_node(node, std::move(pending)));
    }
    auto answers = co_await runtime::gather(std::move(calls));
    std::vector<NodePart> changed;
    for (auto& answer : answers) {
        std::move(answer.begin(), answer.end(), std::back_inserter(changed));
    }
    bool moved = !changed.empty();
    if (moved) {
        co_await store_.tasks().update_parts(std::move(changed));
    }
    const bool looked_up = co_await lookups_->look();
    moved = moved || looked_up;
    const bool ended = co_await settle_all();
    moved = moved || ended;
    progress_.notify_all();
    co_return moved;
}

Async<bool> TaskPoller::settle_all() {
    ++passes_begun_;
    bool any_ended = false;
    EndingOrder order;
    const auto tasks = co_await store_.tasks().unfinished();
    for (const auto& one : tasks) {
        bool ended = false;
        if (is_mine(one)) {
            ended = co_await settle(one, order.in_turn(one.task));
        }
        any_ended = any_ended || ended;
        if (!ended) {
            order.stays_open(one.task);
        }
    }
    order_ = std::move(order);
    passes_ended_ = passes_begun_;
    co_return any_ended;
}

Async<std::vector<NodePart>> TaskPoller::poll_node(NodeId node, std::vector<NodePart> parts) {
    std::vector<NodePart> changed;
    // Until it has answered properly, the node counts as away.
    out_since_.try_emplace(node, system_clock().steady());
    if (!nodes_.usable(node)) {
        co_return changed;
    }
    nodes::NodeRequest request;
    request.target = "/tasks?limit=" + std::to_string(options_.uids_per_request) + "&uids=";
    std::uint32_t asked = 0;
    std::size_t used = 0;
    for (; used < parts.size() && asked + parts[used].node_tasks.size() <= options_.uids_per_request;
         ++used) {
        for (const auto uid : parts[used].node_tasks) {
            request.target += (asked++ == 0 ? "" : ",") + std::to_string(uid);
        }
    }
    request.repeatable = true;
    const auto deadline = Deadline::in(options_.request_timeout);
    const auto reply = co_await nodes_.send(node, std::move(request), deadline);
    const auto* answer = std::get_if<nodes::NodeAnswer>(&reply);
    if (answer == nullptr || answer->status != 200) {
        co_return changed;
    }
    const auto seen = parse_node_tasks(answer->body);
    if (!seen) {
        co_return changed;
    }
    out_since_.erase(node);
    for (std::size_t i = 0; i < used; ++i) {
        auto now = combine(parts[i], *seen);
        if (now.status != parts[i].status) {
            changed.push_back(std::move(now));
        }
    }
    co_return changed;
}

std::vector<bool> TaskPoller::abandoned(const std::vector<NodePart>& parts) {
    std::vector<bool> given_up;
    const auto now = system_clock().steady();
    for (const auto& part : parts) {
        const auto out = out_since_.find(part.node);
        given_up.push_back(out != out_since_.end() && now - out->second >= options_.abandon_after);
    }
    return given_up;
}

// Starts a task when a node has, and ends it when its turn has come and its nodes are through with it. A
// canceled one need not wait for its turn.
Async<bool> TaskPoller::settle(UnfinishedTask unfinished, bool in_turn) {
    const auto task = unfinished.task;
    const bool canceled = unfinished.cancel_by.has_value();
    if (canceled && !is_document_task(task.type)) {
        co_await answer_cancelation(unfinished);
    }
    if (!in_turn && !canceled && task.status != TaskStatus::enqueued) {
        co_return false;
    }
    auto parts = co_await store_.tasks().parts(task.uid);
    bool running = false;
    std::optional<WallTime> started;
    for (const auto& part : parts) {
        if (part.started_at && (!started || *part.started_at < *started)) {
            started = part.started_at;
        }
        running = running || part.started_at.has_value();
    }
    if (running && task.status == TaskStatus::enqueued) {
        co_await store_.tasks().start(task.uid, *started);
    }
    if (!(in_turn || canceled) || !is_document_task(task.type) || parts.empty()) {
        co_return false;
    }
    const auto given_up = abandoned(parts);
    const bool everywhere = std::all_of(parts.begin(), parts.end(), [](const NodePart& part) {
        return part.result == "acked" && part.status == TaskStatus::succeeded;
    });
    auto verdict = judge(task, parts, given_up);
    if (!verdict || (!in_turn && verdict->status != TaskStatus::canceled)) {
        co_return false;
    }
    const bool ended = co_await finish(std::move(unfinished), std::move(*verdict), everywhere);
    co_return ended;
}

Async<void> TaskPoller::answer_cancelation(UnfinishedTask unfinished) {
    const bool will_end = cancel_operation_ && cancel_operation_(unfinished.task.uid, *unfinished.cancel_by);
    if (!will_end) {
        co_await store_.tasks().refuse_cancel(unfinished.task.uid);
    }
}

Async<bool> TaskPoller::finish(UnfinishedTask unfinished, Verdict verdict, bool everywhere) {
    auto task = std::move(unfinished.task);
    co_await record_divergence_(task, std::move(verdict.divergent));
    if (!everywhere && options_.all_see) {
        co_await options_.all_see();
    }
    coordination::TaskFinish finish;
    finish.uid = task.uid;
    finish.status = verdict.status;
    finish.details_json = verdict.details_json;
    finish.error_json = verdict.error_json.empty() ? "" : rewrite_error_(task, verdict.error_json);
    if (finish.status == TaskStatus::failed && finish.error_json.empty()) {
        finish.error_json = meili::to_json(
            meili::error("miroir_no_quorum",
                         "No node confirmed the write; copies that may have taken it are being reconciled."));
    }
    finish.started_at = verdict.started_at;
    finish.finished_at = verdict.finished_at;
    if (finish.status == TaskStatus::canceled) {
        finish.canceled_by = unfinished.cancel_by;
    }
    const bool first = co_await store_.tasks().finish(finish);
    if (first) {
        task.status = finish.status;
        for (const auto& listener : listeners_) {
            listener(task);
        }
    }
    // Also when somebody else has: the task is open no more.
    co_return true;
}

Async<void> TaskPoller::wait_for_earlier(TaskUid uid, std::string index) {
    const auto begun = passes_begun_;
    nudge();
    while (passes_ended_ <= begun || order_.is_open_before(uid, index)) {
        co_await progress_.wait(options_.interval_max);
    }
}

Async<void> TaskPoller::prune_forever() {
    for (;;) {
        co_await runtime::sleep_for(std::chrono::minutes(10));
        if (!options_.ownership.owns("task pruning")) {
            continue;
        }
        WallTime before = system_clock().wall();
        before.us -= std::chrono::duration_cast<std::chrono::microseconds>(options_.retention).count();
        try {
            co_await store_.tasks().prune(before, options_.keep_max);
        } catch (const coordination::StoreUnavailable&) {
            continue;  // next time
        }
    }
}

}  // namespace miroir::tasks
