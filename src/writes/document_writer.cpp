#include "miroir/writes/document_writer.hpp"

#include <algorithm>
#include <exception>

#include "miroir/coordination/store_error.hpp"
#include "miroir/meili/error.hpp"
#include "miroir/meili/primary_key.hpp"
#include "miroir/runtime/gather.hpp"
#include "remembered_writes.hpp"
#include "write_plan.hpp"

namespace miroir::writes {

using coordination::ClaimEnd;
using coordination::OpenEntry;
using coordination::OpenRefusal;

namespace {

ApiError busy(const std::string& why) {
    return meili::error("miroir_overloaded", why + " Retry later.");
}

Counter& refusals(Metrics& metrics, const char* reason) {
    return metrics.counter("miroir_writes_refused_total", "Document writes answered with 429.",
                           {{"reason", reason}});
}

// Another replica took this one for dead.
ApiError taken_over() {
    return meili::error("miroir_no_quorum", "Another replica has taken over the write; its task tells.");
}

WriteReceipt receipt_of(const DocumentWrite& write, const OpenEntry& entry) {
    WriteReceipt receipt;
    receipt.uid = entry.uid();
    receipt.type = task_type_of(write.kind);
    receipt.custom_metadata = write.custom_metadata;
    receipt.enqueued_at = entry.enqueued_at();
    return receipt;
}

}  // namespace

DocumentWriter::DocumentWriter(coordination::Store& store, membership::SnapshotKeeper& snapshots,
                               membership::Peers& peers, membership::FleetWatch& fleet,
                               nodes::NodeClient& nodes, Lanes& lanes, JournalWatch& journal,
                               tasks::TaskPoller& poller, IndexMaker make_index, WriterOptions options,
                               Log& log, Metrics& metrics)
    : store_(store),
      snapshots_(snapshots),
      peers_(peers),
      fleet_(fleet),
      nodes_(nodes),
      lanes_(lanes),
      journal_(journal),
      poller_(poller),
      make_index_(std::move(make_index)),
      options_(std::move(options)),
      log_(log),
      degraded_writes_(metrics.counter("miroir_writes_degraded_total",
                                       "Acknowledged writes that did not reach every copy.")),
      repeated_writes_(
          metrics.counter("miroir_idempotency_repeated_total",
                          "Writes that were answered as a first one with their Idempotency-Key.")),
      backlog_refusals_(refusals(metrics, "node_backlog")),
      journal_refusals_(refusals(metrics, "journal_full")),
      remembered_(std::make_unique<RememberedWrites>(options_.remembered_ids_max, metrics)) {
    poller_.on_finished([this](const coordination::TaskRecord& task) { remembered_->forget(task.uid); });
}

DocumentWriter::~DocumentWriter() = default;

std::optional<ApiError> DocumentWriter::overloaded() const {
    for (const auto& node : snapshots_.current()->topology.nodes) {
        if (poller_.backlog(node.id) > options_.node_backlog_max) {
            backlog_refusals_.add();
            return meili::slow_down("A node has too many unfinished tasks. Retry later.");
        }
    }
    return std::nullopt;
}

Async<Result<WriteReceipt>> DocumentWriter::write(DocumentWrite request) {
    if (auto refusal = overloaded()) {
        co_return *refusal;
    }
    auto write = std::make_shared<DocumentWrite>(std::move(request));
    for (std::uint32_t attempt = 0; attempt < options_.plan_attempts_max; ++attempt) {
        auto prepared = co_await prepare(write, Turn::ahead);
        if (prepared.refusal) {
            co_return *prepared.refusal;
        }
        auto draft = draft_of(*write, prepared.plan.get());
        auto end = [this](TaskUid uid) { return end_unsent(uid); };
        auto opened = co_await journal_.open(std::move(draft), std::move(end));
        if (auto* entry = std::get_if<OpenEntry>(&opened)) {
            const auto uid = entry->uid();
            std::exception_ptr away;
            try {
                auto receipt = co_await run(std::move(*entry), write, std::move(prepared.plan));
                co_return receipt;
            } catch (const coordination::StoreUnavailable&) {
                away = std::current_exception();
            }
            if (in_lanes_.count(uid) == 0) {
                journal_.finish_later("unsent write", [this, uid]() { return end_unsent(uid); });
            }
            std::rethrow_exception(away);
        }
        if (auto* repeated = std::get_if<coordination::RepeatedTask>(&opened)) {
            auto answer = co_await as_before(std::move(*repeated));
            if (answer) {
                co_return std::move(*answer);
            }
            continue;
        }
        if (std::get<OpenRefusal>(opened) == OpenRefusal::journal_full) {
            journal_refusals_.add();
            co_return meili::slow_down("Too many writes are waiting. Retry later.");
        }
        if (std::get<OpenRefusal>(opened) == OpenRefusal::not_live) {
            co_await peers_.beat();
        }
        co_await snapshots_.refresh();
    }
    co_return busy("The index changes too often to plan this write.");
}

// What the request that was made before under the same claim was answered. Empty when it is not accepted yet,
// or will not be: open again.
Async<std::optional<Result<WriteReceipt>>> DocumentWriter::as_before(coordination::RepeatedTask task) {
    std::optional<Result<WriteReceipt>> answer;
    if (!task.same_body) {
        answer = meili::idempotency_key_reused();
        co_return answer;
    }
    if (!task.accepted) {
        std::vector<TaskUid> first{task.uid};
        const auto deadline = Deadline::in(2 * options_.ack_timeout);
        const bool closed = co_await journal_.wait_closed(std::move(first), deadline);
        if (!closed) {
            answer = busy("The first request with this Idempotency-Key is not done.");
        }
        co_return answer;
    }
    WriteReceipt receipt;
    receipt.uid = task.uid;
    receipt.type = std::move(task.type);
    receipt.custom_metadata = std::move(task.custom_metadata);
    receipt.enqueued_at = task.enqueued_at;
    const auto parts = co_await store_.tasks().parts(task.uid);
    for (const auto& part : parts) {
        if (part.result != "acked" || part.found) {
            receipt.degraded.push_back(part.node);
        }
    }
    repeated_writes_.add();
    answer = std::move(receipt);
    co_return answer;
}

// Before its turn a write gets a plan, a refusal or nothing: what earlier entries may still change (a missing
// index, a missing primary key, an error) is decided in its turn.
Async<DocumentWriter::Preparation> DocumentWriter::prepare(std::shared_ptr<DocumentWrite> write, Turn turn) {
    Preparation result;
    auto index = snapshots_.current()->find(write->index);
    const bool is_plain = index && (!write->batch || index->primary_key);
    if (turn == Turn::ahead && !is_plain) {
        co_return result;
    }
    const bool makes = write->kind == WriteKind::replace || write->kind == WriteKind::update;
    if (!index && makes && write->may_create_index) {
        index = co_await make_index_(write->index);
        co_await all_replicas_see();
    }
    if (!index) {
        result.task_error = meili::index_not_found(write->index.str());
        co_return result;
    }
    auto plan = std::make_shared<WritePlan>();
    plan->write = write;
    plan->snapshot = snapshots_.current();
    if (plan->snapshot->is_divergent(index->physical)) {
        result.refusal = meili::error("miroir_settings_divergent",
                                      "The nodes do not agree about the settings of index `" +
                                          write->index.str() + "`. Writes wait until they do.");
        co_return result;
    }
    plan->index = index;
    if (write->batch) {
        auto key = meili::choose_primary_key(*write->batch, index->primary_key, write->primary_key);
        if (!key) {
            result.task_error = std::move(key.error());
            co_return result;
        }
        if (write->batch->empty()) {
            result.nothing_to_do = true;
            co_return result;
        }
        if (write->batch->unreadable) {
            result.task_error =
                meili::unreadable_document(write->index.str(), write->batch->unreadable->second);
            co_return result;
        }
        auto ids = meili::extract_document_ids(*write->batch, *key.value());
        if (!ids) {
            result.task_error = std::move(ids.error());
            co_return result;
        }
        plan->ids = std::make_shared<const meili::DocumentIds>(std::move(ids.value()));
        if (!index->primary_key) {
            co_await store_.catalog().set_primary_key(index->logical, index->generation, *key.value());
            co_await snapshots_.refresh();
            co_await all_replicas_see();
            co_return result;
        }
    }
    if (write->kind == WriteKind::delete_ids && write->ids->empty()) {
        result.nothing_to_do = true;
        co_return result;
    }
    plan_targets(*plan);
    result.plan = std::move(plan);
    co_return result;
}

// Who has seen the task's end finds the index and its primary key on every replica.
Async<void> DocumentWriter::all_replicas_see() {
    const auto view = co_await store_.view_version();
    co_await peers_.all_see(view);
}

// Until an index that has just been made is on a node, so that clients find it when the task has ended;
// bounded.
Async<void> DocumentWriter::index_shows(LogicalIndexUid uid) {
    for (int tries = 0; tries < 100; ++tries) {
        const auto snapshot = snapshots_.current();
        const auto index = snapshot->find(uid);
        bool shown = !index;
        for (const auto& node : snapshot->topology.nodes) {
            shown = shown || snapshot->stale_settings.count({index->physical, node.id}) == 0;
        }
        if (shown) {
            co_return;
        }
        co_await runtime::sleep_for(std::chrono::milliseconds(20));
    }
}

coordination::EntryDraft DocumentWriter::draft_of(const DocumentWrite& write, const WritePlan* plan) const {
    coordination::EntryDraft draft;
    if (plan != nullptr) {
        draft.plan = entry_plan_of(*plan);
    } else {
        const auto snapshot = snapshots_.current();
        const auto index = snapshot->find(write.index);
        draft.plan.index = write.index;
        draft.plan.epoch = snapshot->topology.epoch;
        draft.plan.conflicts.whole_index = true;
        if (index) {
            draft.plan.physical = index->physical;
            draft.plan.generation = index->generation;
        }
    }
    draft.replica = peers_.self();
    draft.task.type = task_type_of(write.kind);
    draft.task.index_uid = write.index.str();
    draft.task.details_json = task_details_of(write);
    draft.task.custom_metadata = write.custom_metadata;
    draft.task.claim = write.claim;
    return draft;
}

// Waits for what is ordered before the entry and not in this replica's lanes. What came before may have
// changed the index: then the same entry gets a new plan.
Async<Result<WriteReceipt>> DocumentWriter::run(OpenEntry entry, std::shared_ptr<DocumentWrite> write,
                                                PlanPtr plan) {
    std::vector<TaskUid> others;
    for (const auto uid : entry.open_before()) {
        if (in_lanes_.count(uid) == 0) {
            others.push_back(uid);
        }
    }
    if (plan && others.empty()) {
        auto receipt = co_await dispatch(std::move(entry), std::move(plan));
        co_return receipt;
    }
    plan.reset();
    const auto deadline = Deadline(SteadyTime::max());
    co_await journal_.wait_closed(std::move(others), deadline);
    for (std::uint32_t attempt = 0; attempt < options_.plan_attempts_max; ++attempt) {
        co_await snapshots_.refresh();
        auto prepared = co_await prepare(write, Turn::now);
        if (prepared.refusal) {
            const auto withdrawn = coordination::ClaimEnd::withdrawn;
            [[maybe_unused]] const auto ended =
                co_await end_open(std::move(entry), write, prepared.refusal, withdrawn);
            co_return *prepared.refusal;
        }
        if (prepared.task_error || prepared.nothing_to_do) {
            co_await index_shows(write->index);
            const auto accepted = coordination::ClaimEnd::accepted;
            auto failed =
                co_await end_open(std::move(entry), write, std::move(prepared.task_error), accepted);
            co_return failed;
        }
        if (!prepared.plan) {
            continue;
        }
        auto replanned = entry_plan_of(*prepared.plan);
        auto self = peers_.self();
        const auto refusal =
            co_await store_.journal().replan(entry.uid(), std::move(self), std::move(replanned));
        if (!refusal) {
            auto receipt = co_await dispatch(std::move(entry), std::move(prepared.plan));
            co_return receipt;
        }
        if (*refusal == OpenRefusal::taken_over) {
            co_return taken_over();
        }
    }
    std::optional<ApiError> refusal = busy("The index changes too often.");
    const auto accepted = coordination::ClaimEnd::accepted;
    auto failed = co_await end_open(std::move(entry), write, std::move(refusal), accepted);
    co_return failed;
}

// Ends an entry whose write changes nothing after all. The task first: a task whose entry is closed and that
// no node has a part of would never end after a crash between the two.
Async<Result<WriteReceipt>> DocumentWriter::end_open(OpenEntry entry, std::shared_ptr<DocumentWrite> write,
                                                     std::optional<ApiError> error,
                                                     coordination::ClaimEnd claim) {
    coordination::TaskFinish finish;
    finish.uid = entry.uid();
    if (error) {
        finish.status = coordination::TaskStatus::failed;
        finish.error_json = meili::to_json(*error);
    }
    finish.details_json = finished_details_of(*write);
    co_await store_.tasks().finish(std::move(finish));
    coordination::EntryOutcome nothing;
    nothing.claim = claim;
    auto self = peers_.self();
    co_await store_.journal().close(entry.uid(), std::move(self), std::move(nothing));
    journal_.closed_one();
    co_return receipt_of(*write, entry);
}

// The entry's requests take their places in the lanes before anything is awaited, so entries that this
// replica opened one after another leave in that order.
Async<Result<WriteReceipt>> DocumentWriter::dispatch(OpenEntry entry, PlanPtr plan) {
    remember(entry.uid(), plan);
    in_lanes_.insert(entry.uid());
    std::vector<Async<coordination::TargetOutcome>> sends;
    auto calls = node_calls(plan, entry, options_.node_body_bytes_max);
    for (std::size_t i = 0; i < plan->targets.size(); ++i) {
        const auto& target = plan->targets[i];
        coordination::ConflictSet conflicts;
        conflicts.whole_index = plan->whole_index;
        conflicts.shards = plan->whole_index ? std::vector<ShardId>{} : target.shards();
        auto place =
            std::make_shared<Lanes::Place>(lanes_.enter(plan->index->physical, target.node, conflicts));
        auto requests = std::make_shared<std::vector<NodeCallBody>>(std::move(calls[i]));
        sends.push_back(send(std::move(requests), target.node, std::move(place), plan));
    }
    auto outcomes = co_await runtime::gather(std::move(sends));
    auto assessment = assess(*plan, entry.uid(), outcomes);
    check_order(*plan, entry.uid(), outcomes, assessment.marks);
    const bool closed = co_await close_surely(entry.uid(), plan, outcomes, assessment);
    if (!closed) {
        co_return taken_over();
    }
    if (assessment.shortfall) {
        co_return *assessment.shortfall;
    }
    auto receipt = receipt_of(*plan->write, entry);
    for (const auto& one : outcomes) {
        if (one.result != coordination::TargetResult::acked) {
            receipt.degraded.push_back(one.node);
        }
    }
    degraded_writes_.add(receipt.degraded.empty() ? 0 : 1);
    co_return receipt;
}

// While the store is away the entry stays in the lanes; it is closed with these outcomes when the store is
// back, though the client has been told that its write is not acknowledged. False: it was another replica's
// by then.
Async<bool> DocumentWriter::close_surely(TaskUid uid, PlanPtr plan,
                                         std::vector<coordination::TargetOutcome> outcomes,
                                         Assessment assessment) {
    const auto ended = [this, uid]() {
        in_lanes_.erase(uid);
        journal_.closed_one();
        poller_.nudge();
    };
    std::exception_ptr away;
    try {
        const auto claim = assessment.shortfall ? ClaimEnd::withdrawn : ClaimEnd::accepted;
        const bool closed = co_await close(uid, outcomes, assessment, claim);
        if (!closed) {
            co_await record_late(uid, plan, outcomes);
        }
        ended();
        co_return closed;
    } catch (const coordination::StoreUnavailable&) {
        away = std::current_exception();
    }
    std::set<cluster::CopyRef> dirty;
    for (const auto& mark : assessment.marks) {
        dirty.insert(mark.copy);
    }
    snapshots_.add_dirty(dirty);
    closing_.insert(dirty.begin(), dirty.end());
    auto close_again = [this, uid, plan, outcomes, assessment, dirty, ended]() -> Async<void> {
        const bool closed = co_await close(uid, outcomes, assessment, ClaimEnd::withdrawn);
        if (!closed) {
            co_await record_late(uid, plan, outcomes);
        }
        for (const auto& copy : dirty) {
            closing_.erase(closing_.find(copy));
        }
        ended();
    };
    journal_.finish_later("written", std::move(close_again));
    std::rethrow_exception(away);
}

// An entry of which nothing was sent when the store went away.
Async<void> DocumentWriter::end_unsent(TaskUid uid) {
    coordination::TaskFinish finish;
    finish.uid = uid;
    finish.status = coordination::TaskStatus::failed;
    finish.error_json = meili::to_json(
        meili::error("miroir_coordination_unavailable", "No node got this write. Send it again."));
    co_await store_.tasks().finish(std::move(finish));
    coordination::EntryOutcome nothing;
    nothing.claim = coordination::ClaimEnd::withdrawn;
    auto self = peers_.self();
    co_await store_.journal().close(uid, std::move(self), std::move(nothing));
    journal_.closed_one();
}

// What becomes dirty counts as dirty before the store has recorded it: entries that are closed meanwhile must
// not take such a copy for clean.
Async<bool> DocumentWriter::close(TaskUid uid, std::vector<coordination::TargetOutcome> outcomes,
                                  Assessment assessment, ClaimEnd claim) {
    struct Closing {
        std::multiset<cluster::CopyRef>& all;
        std::set<cluster::CopyRef> mine;
        ~Closing() {
            for (const auto& copy : mine) {
                all.erase(all.find(copy));
            }
        }
    };
    Closing closing{closing_, {}};
    for (const auto& mark : assessment.marks) {
        if (closing.mine.insert(mark.copy).second) {
            closing_.insert(mark.copy);
        }
    }
    coordination::EntryOutcome outcome;
    outcome.dirty = std::move(assessment.marks);
    outcome.targets = std::move(outcomes);
    outcome.claim = claim;
    for (auto& target : outcome.targets) {
        if (assessment.not_counted.count(target.node) != 0) {
            target.result = coordination::TargetResult::unknown;
            target.sought_tasks = 0;
        }
    }
    auto self = peers_.self();
    const bool closed = co_await store_.journal().close(uid, std::move(self), std::move(outcome));
    snapshots_.add_dirty(closing.mine);
    co_return closed;
}

}  // namespace miroir::writes
