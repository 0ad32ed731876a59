#include <algorithm>

#include "miroir/coordination/store_error.hpp"
#include "miroir/http/router.hpp"
#include "miroir/meili/error.hpp"
#include "remembered_writes.hpp"
#include "shard_outcome.hpp"
#include "write_plan.hpp"

namespace miroir::writes {

using coordination::TargetOutcome;
using coordination::TargetResult;

namespace {

// The worse of two results of requests to one node: what is not known outweighs what was refused.
TargetResult worse(TargetResult left, TargetResult right) {
    const auto rank = [](TargetResult result) {
        switch (result) {
            case TargetResult::acked:
                return 0;
            case TargetResult::refused:
                return 1;
            case TargetResult::unsent:
                return 2;
            case TargetResult::unknown:
                break;
        }
        return 3;
    };
    return rank(left) >= rank(right) ? left : right;
}

void take(TargetOutcome& outcome, const nodes::NodeReply& reply, bool first) {
    TargetResult result = TargetResult::unknown;
    if (const auto* failure = std::get_if<nodes::NodeFailure>(&reply)) {
        result = failure->surely_not_applied() ? TargetResult::unsent : TargetResult::unknown;
    } else {
        const auto& answer = std::get<nodes::NodeAnswer>(reply);
        const auto task = nodes::task_uid_of(answer);
        if (answer.status >= 400) {
            result = TargetResult::refused;
            outcome.error_json = answer.body;
        } else if (task) {
            result = TargetResult::acked;
            outcome.node_tasks.push_back(*task);
        }
    }
    outcome.result = first ? result : worse(outcome.result, result);
}

}  // namespace

// In order, one after another: later parts of a body may hold the same document again. After a request that
// may have been lost the rest is not sent: the copy is dirty anyway.
Async<TargetOutcome> DocumentWriter::send(std::shared_ptr<std::vector<NodeCallBody>> calls, NodeId node,
                                          std::shared_ptr<Lanes::Place> place, PlanPtr plan) {
    TargetOutcome outcome;
    outcome.node = node;
    co_await place->turn();
    note_dirty(*plan, node);
    outcome.newest_before = fleet_.newest_task(node);
    std::uint32_t sent = 0;
    for (auto& call : *calls) {
        // Once other replicas may take this one for dead, what it sends could come after writes that are
        // ordered later.
        if (!peers_.alive()) {
            outcome.result = sent == 0 ? TargetResult::unsent : TargetResult::unknown;
            break;
        }
        nodes::NodeRequest request;
        request.method = call.method;
        request.target = call.target;
        if (call.incomplete && plan->dirty_when_sent.count({*call.incomplete, node}) != 0) {
            request.target += "&skipCreation=true";
        }
        request.content_type = call.content_type;
        request.body = call.body;
        request.source = call.source;
        request.keep_alive = calls;
        request.request_id = plan->write->request_id;
        const auto deadline = Deadline::in(options_.ack_timeout);
        const auto reply = co_await nodes_.send(node, std::move(request), deadline);
        take(outcome, reply, sent++ == 0);
        if (outcome.result != TargetResult::acked) {
            break;
        }
        fleet_.saw_task(node, outcome.node_tasks.back());
    }
    place->leave();
    outcome.sought_tasks = sent == calls->size() ? sent : 0;
    co_return outcome;
}

void DocumentWriter::note_dirty(WritePlan& plan, const NodeId& node) const {
    if (snapshots_.current()->dirty.empty() && closing_.empty()) {
        return;
    }
    for (const auto& target : plan.targets) {
        for (const auto shard : target.node == node ? target.shards() : std::vector<ShardId>{}) {
            if (!is_clean(*plan.index, shard, node)) {
                plan.dirty_when_sent.emplace(shard, node);
            }
        }
    }
}

// Also what entries that are being closed make dirty.
bool DocumentWriter::is_clean(const cluster::IndexEntry& index, ShardId shard, const NodeId& node) const {
    const auto& copies = index.placement.shards[shard];
    const bool active = std::any_of(copies.begin(), copies.end(), [&](const auto& copy) {
        return copy.node == node && copy.state == cluster::CopyState::active;
    });
    return active && !snapshots_.current()->is_dirty(index.physical, shard, node) &&
           closing_.count({index.physical, shard, node}) == 0;
}

DocumentWriter::Assessment DocumentWriter::assess(const WritePlan& plan, TaskUid uid,
                                                  const std::vector<TargetOutcome>& outcomes) const {
    Assessment assessment;
    for (const auto shard : plan.shards) {
        std::vector<CopyOutcome> copies;
        for (std::size_t i = 0; i < outcomes.size(); ++i) {
            const auto& target = plan.targets[i];
            const bool holds = std::binary_search(target.complete.begin(), target.complete.end(), shard) ||
                               std::binary_search(target.incomplete.begin(), target.incomplete.end(), shard);
            if (!holds) {
                continue;
            }
            CopyOutcome copy;
            copy.node = target.node;
            copy.result = outcomes[i].result;
            copy.partly = !outcomes[i].node_tasks.empty() && copy.result != TargetResult::acked;
            copy.clean = is_clean(*plan.index, shard, target.node);
            copy.was_dirty = plan.dirty_when_sent.count({shard, target.node}) != 0;
            copy.reachable = nodes_.usable(target.node);
            copies.push_back(std::move(copy));
        }
        const auto outcome = shard_outcome(copies);
        for (const auto& fault : outcome.faults) {
            if (outcome.clean_acks == 0) {
                assessment.not_counted.insert(fault.node);
            }
            coordination::DirtyMark mark;
            mark.copy = {plan.index->physical, shard, fault.node};
            mark.ids = plan.ids_in(shard);
            mark.reason = fault.reason;
            mark.reference = fault.reference;
            mark.since = uid;
            assessment.marks.push_back(std::move(mark));
        }
        const auto placed = static_cast<std::uint32_t>(plan.index->placement.shards[shard].size());
        const auto needed =
            copies_required(options_.wait_for_copies, plan.snapshot->topology.replication_factor, placed);
        if (outcome.clean_acks < needed && !assessment.shortfall) {
            assessment.shortfall = meili::error(
                "miroir_no_quorum", "Too few copies of a shard took the write (" +
                                        std::to_string(outcome.clean_acks) + " of " + std::to_string(needed) +
                                        "); its task tells what becomes of it.");
        }
    }
    return assessment;
}

// Node tasks must ascend with cluster tasks on every copy; where they don't, the node applied the two in the
// wrong order. A shard's last clean copy stays clean even so.
void DocumentWriter::check_order(const WritePlan& plan, TaskUid uid,
                                 const std::vector<TargetOutcome>& outcomes,
                                 std::vector<coordination::DirtyMark>& marks) {
    remembered_->forget_indexes_but(*snapshots_.current());
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        if (outcomes[i].node_tasks.empty()) {
            continue;
        }
        for (const auto shard : plan.targets[i].shards()) {
            auto& last = remembered_->last_sent[{{plan.index->physical, shard}, outcomes[i].node}];
            const bool inverted = (last.cluster < uid && last.node > outcomes[i].node_tasks.front()) ||
                                  (last.cluster > uid && last.node < outcomes[i].node_tasks.back());
            const auto is_other = [&](const cluster::Copy& copy) {
                const cluster::CopyRef ref{plan.index->physical, shard, copy.node};
                return copy.node != outcomes[i].node && is_clean(*plan.index, shard, copy.node) &&
                       std::none_of(marks.begin(), marks.end(),
                                    [&](const auto& mark) { return mark.copy == ref; });
            };
            const auto& copies = plan.index->placement.shards[shard];
            if (inverted && std::any_of(copies.begin(), copies.end(), is_other)) {
                coordination::DirtyMark mark;
                mark.copy = {plan.index->physical, shard, outcomes[i].node};
                mark.ids = plan.ids_in(shard);
                mark.reason = "order";
                mark.since = uid;
                marks.push_back(std::move(mark));
                log_.error("a node took conflicting writes in the wrong order",
                           {{"node", outcomes[i].node.str()}, {"task", std::to_string(uid)}});
            }
            if (last.cluster <= uid) {
                last = {uid, outcomes[i].node_tasks.back()};
            }
        }
    }
}

void DocumentWriter::remember(TaskUid uid, PlanPtr plan) {
    RememberedWrites::Write write;
    write.index = plan->index->physical;
    write.ids = plan->ids;
    write.assignment = plan->assignment;
    remembered_->add(uid, std::move(write));
}

Async<void> DocumentWriter::record_divergence(coordination::TaskRecord task,
                                              std::vector<tasks::DivergentCopy> copies) {
    if (copies.empty()) {
        co_return;
    }
    const auto* known = remembered_->find(task.uid);
    const auto index =
        task.index_uid ? snapshots_.current()->find(LogicalIndexUid(*task.index_uid)) : nullptr;
    if (known == nullptr && !index) {
        co_return;
    }
    std::vector<coordination::DirtyMark> marks;
    std::set<cluster::CopyRef> dirty;
    for (const auto& copy : keep_one_clean(std::move(copies), index)) {
        coordination::DirtyMark mark;
        mark.copy = {known != nullptr ? known->index : index->physical, copy.shard, copy.node};
        if (known != nullptr) {
            mark.ids = known->ids_in(copy.shard);
        }
        mark.reason = copy.reason;
        mark.reference = copy.reference;
        mark.since = task.uid;
        dirty.insert(mark.copy);
        marks.push_back(std::move(mark));
    }
    co_await store_.ledger().mark(std::move(marks));
    snapshots_.add_dirty(dirty);
}

// The nodes may have taken the write after another replica had compared their copies: they are compared
// again.
Async<void> DocumentWriter::record_late(TaskUid uid, PlanPtr plan, std::vector<TargetOutcome> outcomes) {
    std::vector<tasks::DivergentCopy> copies;
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        const bool sent =
            outcomes[i].result == TargetResult::acked || outcomes[i].result == TargetResult::unknown;
        for (const auto shard : sent ? plan->targets[i].shards() : std::vector<ShardId>{}) {
            copies.push_back({outcomes[i].node, shard, NodeId(), "late"});
        }
    }
    log_.warn("another replica took this one for dead and has taken over its write",
              {{"task", std::to_string(uid)}});
    coordination::TaskRecord task;
    task.uid = uid;
    task.index_uid = plan->index->logical.str();
    co_await record_divergence(std::move(task), std::move(copies));
    remembered_->forget(uid);
}

// A shard whose only clean copies would become dirty keeps the first of them, and the copy that was taken for
// right is compared with it.
std::vector<tasks::DivergentCopy> DocumentWriter::keep_one_clean(
    std::vector<tasks::DivergentCopy> copies, std::shared_ptr<const cluster::IndexEntry> index) const {
    if (!index) {
        return copies;
    }
    std::map<ShardId, std::set<NodeId>> clean;
    for (const auto& copy : copies) {
        auto& left = clean[copy.shard];
        for (const auto& placed : index->placement.shards[copy.shard]) {
            if (is_clean(*index, copy.shard, placed.node)) {
                left.insert(placed.node);
            }
        }
    }
    for (const auto& copy : copies) {
        auto& left = clean[copy.shard];
        if (left.size() > 1) {
            left.erase(copy.node);
        }
    }
    std::vector<tasks::DivergentCopy> kept;
    for (auto& copy : copies) {
        const auto& left = clean[copy.shard];
        if (left.count(copy.node) == 0) {
            kept.push_back(std::move(copy));
        } else if (!copy.reference.empty() && left.count(copy.reference) == 0) {
            kept.push_back({copy.reference, copy.shard, copy.node, copy.reason});
        }
    }
    return kept;
}

// Nobody knows what the nodes took: the copies of its shards are compared with one of them.
Async<void> DocumentWriter::recover(coordination::UnfinishedEntry entry) {
    if (entry.plan.targets.empty()) {
        coordination::TaskFinish finish;
        finish.uid = entry.uid;
        finish.status = coordination::TaskStatus::failed;
        finish.error_json = meili::to_json(meili::error(
            "miroir_no_quorum", "No node got this write before the server stopped. Send it again."));
        co_await store_.tasks().finish(std::move(finish));
    }
    const auto snapshot = snapshots_.current();
    const auto index = snapshot->find(entry.plan.index);
    coordination::EntryOutcome outcome;
    std::map<ShardId, std::vector<CopyOutcome>> by_shard;
    for (const auto& target : entry.plan.targets) {
        TargetOutcome one;
        one.node = target.node;
        one.result = TargetResult::unknown;
        outcome.targets.push_back(std::move(one));
        for (const auto shard : target.shards) {
            CopyOutcome copy;
            copy.node = target.node;
            copy.clean =
                index && index->physical == entry.plan.physical && is_clean(*index, shard, target.node);
            copy.reachable = nodes_.usable(target.node);
            by_shard[shard].push_back(std::move(copy));
        }
    }
    std::set<cluster::CopyRef> dirty;
    for (const auto& [shard, copies] : by_shard) {
        for (const auto& fault : shard_outcome(copies).faults) {
            coordination::DirtyMark mark;
            mark.copy = {entry.plan.physical, shard, fault.node};
            mark.reason = fault.reason;
            mark.reference = fault.reference;
            mark.since = entry.uid;
            dirty.insert(mark.copy);
            outcome.dirty.push_back(std::move(mark));
        }
    }
    auto self = peers_.self();
    co_await store_.journal().close(entry.uid, std::move(self), std::move(outcome));
    snapshots_.add_dirty(dirty);
    journal_.closed_one();
    log_.warn("an unfinished write of a replica that is gone was closed; its copies are compared",
              {{"task", std::to_string(entry.uid)}});
}

}  // namespace miroir::writes
