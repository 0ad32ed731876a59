#include <algorithm>

#include "miroir/coordination/store_error.hpp"
#include "miroir/http/router.hpp"
#include "miroir/meili/error.hpp"
#include "remembered_writes.hpp"
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

const char* reason_of(TargetResult result) {
    switch (result) {
        case TargetResult::acked:
            return "acked";
        case TargetResult::refused:
            return "refused";
        case TargetResult::unsent:
            return "unsent";
        case TargetResult::unknown:
            break;
    }
    return "unknown";
}

// The `taskUid` of an accepted write's answer.
std::optional<NodeTaskUid> task_uid_of(const std::string& body) {
    constexpr std::string_view key = "\"taskUid\":";
    const auto at = body.find(key);
    if (at == std::string::npos) {
        return std::nullopt;
    }
    std::uint64_t uid = 0;
    std::size_t digits = 0;
    for (auto i = at + key.size(); i < body.size() && body[i] >= '0' && body[i] <= '9'; ++i, ++digits) {
        uid = uid * 10 + static_cast<std::uint64_t>(body[i] - '0');
    }
    return digits > 0 && digits < 11 ? std::optional(static_cast<NodeTaskUid>(uid)) : std::nullopt;
}

void take(TargetOutcome& outcome, const nodes::NodeReply& reply, bool first) {
    TargetResult result = TargetResult::unknown;
    if (const auto* failure = std::get_if<nodes::NodeFailure>(&reply)) {
        result = failure->surely_not_applied() ? TargetResult::unsent : TargetResult::unknown;
    } else {
        const auto& answer = std::get<nodes::NodeAnswer>(reply);
        const auto task = task_uid_of(answer.body);
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
Async<TargetOutcome> DocumentWriter::send(std::shared_ptr<const std::vector<NodeCallBody>> calls, NodeId node,
                                          std::shared_ptr<Lanes::Place> place, PlanPtr plan) {
    TargetOutcome outcome;
    outcome.node = node;
    co_await place->turn();
    bool first = true;
    for (const auto& call : *calls) {
        nodes::NodeRequest request;
        request.method = call.method;
        request.target = call.target;
        request.content_type = call.content_type;
        request.body = call.body;
        request.keep_alive = calls;
        request.request_id = plan->write->request_id;
        const auto deadline = Deadline::in(options_.ack_timeout);
        const auto reply = co_await nodes_.send(node, std::move(request), deadline);
        take(outcome, reply, first);
        first = false;
        if (outcome.result != TargetResult::acked) {
            break;
        }
        fleet_.saw_task(node, outcome.node_tasks.back());
    }
    place->leave();
    co_return outcome;
}

std::vector<coordination::DirtyMark> DocumentWriter::marks_for(
    const WritePlan& plan, TaskUid uid, const std::vector<TargetOutcome>& outcomes) const {
    std::map<ShardId, NodeId> reference;
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        if (outcomes[i].result == TargetResult::acked) {
            for (const auto shard : plan.targets[i].shards()) {
                reference.emplace(shard, outcomes[i].node);
            }
        }
    }
    std::vector<coordination::DirtyMark> marks;
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        if (outcomes[i].result == TargetResult::acked) {
            continue;
        }
        for (const auto shard : plan.targets[i].shards()) {
            // Nobody took it for this shard and nobody can have: all copies are still the same.
            const auto found = reference.find(shard);
            const bool surely =
                outcomes[i].result == TargetResult::unsent || outcomes[i].result == TargetResult::refused;
            if (found == reference.end() && surely && !any_unknown(plan, outcomes, shard)) {
                continue;
            }
            coordination::DirtyMark mark;
            mark.copy = {plan.index->physical, shard, outcomes[i].node};
            mark.ids = plan.ids_in(shard);
            mark.reason = reason_of(outcomes[i].result);
            mark.reference = found != reference.end() ? found->second : NodeId{};
            mark.since = uid;
            marks.push_back(std::move(mark));
        }
    }
    return marks;
}

bool any_unknown(const WritePlan& plan, const std::vector<TargetOutcome>& outcomes, ShardId shard) {
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        const auto shards = plan.targets[i].shards();
        const bool partly = !outcomes[i].node_tasks.empty() && outcomes[i].result != TargetResult::acked;
        if ((outcomes[i].result == TargetResult::unknown || partly) &&
            std::binary_search(shards.begin(), shards.end(), shard)) {
            return true;
        }
    }
    return false;
}

// What the client is told when some shard has fewer acks than asked for, counting clean copies only.
std::optional<ApiError> DocumentWriter::shortfall(const WritePlan& plan,
                                                  const std::vector<TargetOutcome>& outcomes) const {
    std::map<ShardId, std::uint32_t> acks;
    std::string refusal;
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        refusal = outcomes[i].error_json.empty() ? refusal : outcomes[i].error_json;
        for (const auto shard : plan.targets[i].shards()) {
            const bool clean = !plan.snapshot->is_dirty(plan.index->physical, shard, outcomes[i].node);
            acks[shard] += outcomes[i].result == TargetResult::acked && clean ? 1U : 0U;
        }
    }
    for (const auto& [shard, count] : acks) {
        const auto copies = static_cast<std::uint32_t>(plan.index->placement.shards[shard].size());
        const auto needed =
            copies_required(options_.wait_for_copies, plan.snapshot->topology.replication_factor, copies);
        if (count < needed) {
            return meili::error("miroir_no_quorum", "Too few copies of a shard took the write (" +
                                                        std::to_string(count) + " of " +
                                                        std::to_string(needed) +
                                                        "); its task tells what becomes of it.");
        }
    }
    return std::nullopt;
}

// Node tasks must ascend with cluster tasks on every copy; where they don't, the node applied the two in the
// wrong order.
void DocumentWriter::check_order(const WritePlan& plan, TaskUid uid,
                                 const std::vector<TargetOutcome>& outcomes,
                                 std::vector<coordination::DirtyMark>& marks) {
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        if (outcomes[i].node_tasks.empty()) {
            continue;
        }
        for (const auto shard : plan.targets[i].shards()) {
            auto& last = remembered_->last_sent[{{plan.index->physical, shard}, outcomes[i].node}];
            const bool inverted = (last.cluster < uid && last.node > outcomes[i].node_tasks.front()) ||
                                  (last.cluster > uid && last.node < outcomes[i].node_tasks.back());
            if (inverted) {
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
    write.whole_index = plan->whole_index;
    if (!plan->whole_index) {
        for (const auto shard : plan->shards) {
            write.ids[shard] = *plan->ids_in(shard);
        }
    }
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
    for (const auto& copy : copies) {
        coordination::DirtyMark mark;
        mark.copy = {known != nullptr ? known->index : index->physical, copy.shard, copy.node};
        const auto ids =
            known != nullptr ? known->ids.find(copy.shard) : RememberedWrites::IdsByShard::const_iterator{};
        if (known != nullptr && !known->whole_index && ids != known->ids.end()) {
            mark.ids = ids->second;
        }
        mark.reason = "task_failed";
        mark.reference = copy.reference;
        mark.since = task.uid;
        dirty.insert(mark.copy);
        marks.push_back(std::move(mark));
    }
    co_await store_.ledger().mark(std::move(marks));
    snapshots_.add_dirty(dirty);
}

// Nobody knows what the nodes took: all copies of its shards are compared before they count as clean again.
Async<void> DocumentWriter::recover(coordination::UnfinishedEntry entry) {
    coordination::EntryOutcome outcome;
    for (const auto& target : entry.plan.targets) {
        TargetOutcome one;
        one.node = target.node;
        one.result = TargetResult::unknown;
        outcome.targets.push_back(std::move(one));
        for (const auto shard : target.shards) {
            coordination::DirtyMark mark;
            mark.copy = {entry.plan.physical, shard, target.node};
            mark.reason = "unknown";
            mark.since = entry.uid;
            outcome.dirty.push_back(std::move(mark));
        }
    }
    co_await store_.journal().close(entry.uid, std::move(outcome));
    journal_.closed_one();
    log_.warn("an unfinished write of an earlier process was closed; its copies are compared",
              {{"task", std::to_string(entry.uid)}});
}

}  // namespace miroir::writes
