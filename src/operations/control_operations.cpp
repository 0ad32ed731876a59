#include "miroir/operations/control_operations.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "miroir/base/hash.hpp"
#include "miroir/coordination/store_error.hpp"
#include "miroir/meili/error.hpp"
#include "miroir/meili/settings.hpp"
#include "miroir/operations/node_calls.hpp"
#include "miroir/runtime/gather.hpp"

namespace miroir::operations {

using coordination::TaskStatus;
using nlohmann::ordered_json;

namespace {

// Errors that nobody expects; an operation that meets so many ends with the last of them.
constexpr int faults_max = 3;

// Another replica took this one for dead and continues the operation.
struct TakenOver {};

}  // namespace

ControlOperations::ControlOperations(coordination::Store& store, membership::SnapshotKeeper& snapshots,
                                     membership::Peers& peers, nodes::NodeClient& nodes, writes::Lanes& lanes,
                                     writes::JournalWatch& journal, IndexUpkeep& upkeep,
                                     EarlierTasksWait wait_for_earlier_tasks, ControlOptions options,
                                     IndexErrorRewriter rewrite_error, Executor control, Log& log,
                                     Metrics& metrics)
    : store_(store),
      snapshots_(snapshots),
      peers_(peers),
      nodes_(nodes),
      calls_(nodes, options.node_timeout),
      lanes_(lanes),
      journal_(journal),
      upkeep_(upkeep),
      wait_for_earlier_tasks_(std::move(wait_for_earlier_tasks)),
      options_(std::move(options)),
      rewrite_error_(std::move(rewrite_error)),
      log_(log),
      divergent_(metrics.counter("miroir_settings_divergence_total",
                                 "Rounds of settings changes whose nodes did not say what was proposed.")),
      frozen_(metrics.gauge("miroir_settings_divergent_indexes",
                            "Indexes whose writes are refused until nodes agree about their settings.")),
      moved_(control),
      group_(control, runtime::log_errors(log)) {}

namespace {

// The other names that an operation moves.
std::vector<LogicalIndexUid> other_names(const ControlRequest& request) {
    std::set<std::string> names;
    const auto body = ordered_json::parse(request.body);
    if (request.operation == "index_swap") {
        for (const auto& swap : body["swaps"]) {
            for (const auto& uid : swap["indexes"]) {
                names.insert(uid.get<std::string>());
            }
        }
    }
    const auto renamed = body.find("uid");
    if (request.operation == "index_update" && renamed != body.end() && renamed->is_string()) {
        names.insert(renamed->get<std::string>());
    }
    names.erase(request.index.str());
    std::vector<LogicalIndexUid> others;
    for (const auto& name : names) {
        others.emplace_back(name);
    }
    return others;
}

}  // namespace

Async<void> ControlOperations::stop() {
    return group_.stop();
}

Async<Result<Accepted>> ControlOperations::submit(ControlRequest request) {
    for (int attempt = 0; attempt < 20; ++attempt) {
        const auto snapshot = snapshots_.current();
        const auto entry = snapshot->find(request.index);
        coordination::EntryDraft draft;
        draft.plan.index = request.index;
        draft.plan.epoch = snapshot->topology.epoch;
        draft.plan.conflicts.whole_index = true;
        draft.plan.conflicts.others = other_names(request);
        if (entry) {
            draft.plan.physical = entry->physical;
            draft.plan.generation = entry->generation;
        }
        draft.replica = peers_.self();
        draft.task = request.task;
        draft.operation = request.operation;
        draft.operation_body = request.body;
        const bool claimed = request.task.claim.has_value();
        auto end = [this, claimed](TaskUid uid) { return claimed ? resume_lost(uid) : end_lost(uid); };
        auto opened = co_await journal_.open(std::move(draft), std::move(end));
        if (auto* open = std::get_if<coordination::OpenEntry>(&opened)) {
            Running running;
            running.uid = open->uid();
            running.operation = request.operation;
            running.index = request.index;
            running.body = request.body;
            running.begun = open->enqueued_at();
            Accepted accepted{open->uid(), open->enqueued_at()};
            launch(std::move(running));
            co_return accepted;
        }
        if (auto* repeated = std::get_if<coordination::RepeatedTask>(&opened)) {
            if (!repeated->same_body) {
                co_return meili::idempotency_key_reused();
            }
            co_return Accepted{repeated->uid, repeated->enqueued_at};
        }
        if (std::get<coordination::OpenRefusal>(opened) == coordination::OpenRefusal::journal_full) {
            co_return meili::slow_down("Too many writes are waiting. Retry later.");
        }
        if (std::get<coordination::OpenRefusal>(opened) == coordination::OpenRefusal::not_live) {
            co_await peers_.beat();
        }
        co_await snapshots_.refresh();
    }
    co_return meili::error("miroir_overloaded",
                           "The index changes too often to plan this change. Retry later.");
}

// One with an idempotency key: who asks again is told of its task, so it is done.
Async<void> ControlOperations::resume_lost(TaskUid uid) {
    const auto unfinished = co_await store_.journal().unfinished();
    for (const auto& entry : unfinished) {
        if (entry.uid == uid) {
            resume(entry);
        }
    }
}

// An operation whose opening was not acknowledged to the client either.
Async<void> ControlOperations::end_lost(TaskUid uid) {
    coordination::TaskFinish finish;
    finish.uid = uid;
    finish.status = TaskStatus::failed;
    finish.error_json = meili::to_json(
        meili::error("miroir_coordination_unavailable", "The change was not begun. Send it again."));
    co_await store_.tasks().finish(std::move(finish));
    auto self = peers_.self();
    coordination::EntryOutcome nothing;
    nothing.claim = coordination::ClaimEnd::withdrawn;
    co_await store_.journal().close(uid, self, std::move(nothing));
    co_await store_.journal().complete_operation(uid, std::move(self));
    journal_.closed_one();
}

void ControlOperations::resume(const coordination::UnfinishedEntry& entry) {
    Running running;
    running.uid = entry.uid;
    running.operation = entry.operation;
    running.index = entry.plan.index;
    running.body = entry.operation_body;
    running.state = entry.operation_state;
    running.open = entry.open;
    running.begun = entry.opened_at;
    const auto index = snapshots_.current()->find(running.index);
    if (running.state == frozen_state && index) {
        show_phase(index->physical, cluster::SettingsPhase::divergent);
    }
    launch(std::move(running));
}

void ControlOperations::launch(Running running) {
    queue_.add(running.index, running.uid, running.operation);
    if (!running.open || !running.state.empty()) {
        queue_.begin(running.index, running.uid);
    }
    moved_.notify_all();
    const auto name = running.operation + " " + std::to_string(running.uid);
    auto shared = std::make_shared<Running>(std::move(running));
    group_.spawn(name, [this, shared]() { return run(std::move(*shared)); });
}

Async<void> ControlOperations::run(Running first) {
    auto running = std::make_shared<Running>(std::move(first));
    bool complete = false;
    while (!complete) {
        std::string fault;
        try {
            co_await attempt(running);
            complete = true;
        } catch (const TakenOver&) {
            log_.warn("another replica took this one for dead and continues its operation",
                      {{"task", std::to_string(running->uid)}, {"operation", running->operation}});
            forget(*running);
            complete = true;
        } catch (const coordination::StoreUnavailable&) {
            fault = "the coordination store is away";
        } catch (const std::exception& e) {
            fault = e.what();
            ++running->faults;
        }
        const auto stopping = co_await asio::this_coro::cancellation_state;
        if (stopping.cancelled() != asio::cancellation_type::none) {
            co_return;
        }
        if (!complete) {
            log_.error("a control operation is tried again", {{"task", std::to_string(running->uid)},
                                                              {"operation", running->operation},
                                                              {"error", fault}});
            co_await runtime::sleep_for(options_.fault_pause);
        }
    }
}

Async<void> ControlOperations::attempt(std::shared_ptr<Running> running) {
    ControlEnd end;
    if (running->faults >= faults_max) {
        end.status = TaskStatus::failed;
        end.error_json = meili::to_json(meili::error("internal", "The operation met an internal error."));
        co_await finish(running, std::move(end));
        co_return;
    }
    const bool its_turn = co_await wait_for_turn(running);
    if (!its_turn) {
        co_await end_canceled(running);
        co_return;
    }
    co_await check_ours(running);
    end = co_await perform(running);
    co_await finish(running, std::move(end));
}

bool ControlOperations::cancel(TaskUid uid, TaskUid cancelation) {
    const bool found = queue_.cancel(uid, cancelation);
    moved_.notify_all();
    return found;
}

// After every conflicting entry before it is closed, and every earlier control operation of the index is
// complete. False when it was canceled before that.
Async<bool> ControlOperations::wait_for_turn(std::shared_ptr<Running> running) {
    while (!queue_.is_turn(running->index, running->uid)) {
        if (queue_.canceled_by(running->index, running->uid)) {
            co_return false;
        }
        co_await moved_.wait(std::chrono::milliseconds(1000));
    }
    if (queue_.canceled_by(running->index, running->uid)) {
        co_return false;
    }
    queue_.begin(running->index, running->uid);
    co_await wait_for_earlier(running, running->index);
    auto before = co_await store_.journal().open_before(running->uid);
    const auto forever = Deadline(SteadyTime::max());
    co_await journal_.wait_closed(std::move(before), forever);
    co_return true;
}

// Until no control operation before this one is left on the index on any replica.
Async<void> ControlOperations::wait_for_earlier(std::shared_ptr<Running> running, LogicalIndexUid index) {
    for (;;) {
        const auto before = co_await store_.journal().operations_before(running->uid, index);
        if (before.empty()) {
            co_return;
        }
        co_await moved_.wait(std::chrono::milliseconds(50));
    }
}

Async<ControlEnd> ControlOperations::perform(std::shared_ptr<Running> running) {
    co_await snapshots_.refresh();
    ControlEnd end;
    if (running->operation == "index_create") {
        end = co_await create(running);
    } else if (running->operation == "index_update") {
        end = co_await update(running);
    } else if (running->operation == "index_delete") {
        end = co_await remove(running);
    } else if (running->operation == "index_compact") {
        end = co_await compact(running);
    } else if (running->operation == "index_swap") {
        end = co_await swap(running);
    } else {
        end = co_await change_settings(running);
    }
    co_return end;
}

Async<void> ControlOperations::save(std::shared_ptr<Running> running, std::string state) {
    running->state = state;
    auto self = peers_.self();
    const bool ours =
        co_await store_.journal().save_operation(running->uid, std::move(self), std::move(state));
    if (!ours) {
        throw TakenOver{};
    }
}

// Throws TakenOver when the operation is another replica's by now.
Async<void> ControlOperations::check_ours(std::shared_ptr<Running> running) {
    auto self = peers_.self();
    const bool ours = co_await store_.journal().belongs_to(running->uid, std::move(self));
    if (!ours) {
        throw TakenOver{};
    }
}

Async<void> ControlOperations::close(std::shared_ptr<Running> running, coordination::EntryOutcome outcome) {
    if (!running->open) {
        co_return;
    }
    auto self = peers_.self();
    co_await store_.journal().close(running->uid, std::move(self), std::move(outcome));
    running->open = false;
    journal_.closed_one();
}

Async<void> ControlOperations::finish(std::shared_ptr<Running> running, ControlEnd end) {
    coordination::EntryOutcome nothing;
    co_await close(running, std::move(nothing));
    co_await wait_for_earlier_tasks_(running->uid, running->index);
    // Who has seen the task's end finds its effect on every replica.
    const auto view = co_await store_.view_version();
    co_await peers_.all_see(view);
    co_await check_ours(running);
    coordination::TaskFinish done;
    done.uid = running->uid;
    done.status = end.status;
    done.details_json = std::move(end.details_json);
    done.error_json = std::move(end.error_json);
    done.started_at = running->begun;
    co_await record_end(running, std::move(done));
}

Async<void> ControlOperations::end_canceled(std::shared_ptr<Running> running) {
    coordination::EntryOutcome nothing;
    co_await close(running, std::move(nothing));
    coordination::TaskFinish done;
    done.uid = running->uid;
    done.status = TaskStatus::canceled;
    done.canceled_by = queue_.canceled_by(running->index, running->uid);
    co_await record_end(running, std::move(done));
}

Async<void> ControlOperations::record_end(std::shared_ptr<Running> running, coordination::TaskFinish end) {
    co_await store_.tasks().finish(std::move(end));
    auto self = peers_.self();
    co_await store_.journal().complete_operation(running->uid, std::move(self));
    forget(*running);
}

void ControlOperations::forget(const Running& running) {
    queue_.remove(running.index, running.uid);
    moved_.notify_all();
}

}  // namespace miroir::operations
