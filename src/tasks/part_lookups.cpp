#include "part_lookups.hpp"

#include <algorithm>
#include <set>

#include "miroir/runtime/gather.hpp"

namespace miroir::tasks {

using coordination::NodePart;
using coordination::PartLookup;

PartLookups::PartLookups(coordination::Store& store, nodes::NodeClient& nodes, LookupOptions options,
                         DivergenceRecorder record_divergence, Log& log, Metrics& metrics)
    : store_(store),
      nodes_(nodes),
      options_(std::move(options)),
      record_divergence_(std::move(record_divergence)),
      log_(log) {
    const auto counter = [&](const char* result) {
        return &metrics.counter("miroir_write_lookups_total",
                                "Ended look-ups of node requests whose answer was lost.",
                                {{"result", result}});
    };
    ended_[Sighting::found] = counter("found");
    ended_[Sighting::absent] = counter("not_found");
    ended_[Sighting::out_of_reach] = counter("out_of_reach");
}

Async<bool> PartLookups::look() {
    auto pending = co_await store_.tasks().lookups();
    std::erase_if(pending, [&](const PartLookup& one) {
        return !options_.ownership.owns_task(one.uid, one.replica, one.abandoned);
    });
    forget_all_but(pending);
    const auto now = system_clock().steady();
    std::map<NodeId, std::vector<PartLookup>> due;
    for (const auto& one : pending) {
        const auto pace = paces_.try_emplace(Place{one.uid, one.node}, Pace{now, now}).first->second;
        if (pace.next <= now && nodes_.usable(one.node)) {
            due[one.node].push_back(one);
        }
    }
    std::vector<Async<std::vector<NodePart>>> calls;
    for (auto& [node, sought] : due) {
        calls.push_back(look_at(node, std::move(sought)));
    }
    auto answers = co_await runtime::gather(std::move(calls));
    std::vector<NodePart> ended;
    for (auto& answer : answers) {
        std::move(answer.begin(), answer.end(), std::back_inserter(ended));
    }
    const bool any = !ended.empty();
    if (any) {
        co_await store_.tasks().end_lookups(std::move(ended));
    }
    co_return any;
}

Async<std::optional<NodeTasks>> PartLookups::newest_tasks(NodeId node) {
    nodes::NodeRequest request;
    request.target = "/tasks?limit=" + std::to_string(options_.scan_max);
    request.repeatable = true;
    const auto deadline = Deadline::in(options_.request_timeout);
    const auto reply = co_await nodes_.send(node, std::move(request), deadline);
    const auto* answer = std::get_if<nodes::NodeAnswer>(&reply);
    if (answer == nullptr || answer->status != 200) {
        co_return std::nullopt;
    }
    co_return parse_node_tasks(answer->body);
}

Async<std::vector<NodePart>> PartLookups::look_at(NodeId node, std::vector<PartLookup> sought) {
    std::vector<NodePart> ended;
    const auto newest = co_await newest_tasks(node);
    const auto page = newest ? page_of(*newest, options_.scan_max) : NodeTaskPage{};
    for (const auto& one : sought) {
        const auto answer = look_up(one, page);
        if (!newest || (answer.sighting == Sighting::absent && !has_settled(one))) {
            postpone(one);
            continue;
        }
        auto parts = co_await store_.tasks().parts(one.uid);
        const auto part = std::find_if(parts.begin(), parts.end(),
                                       [&](const NodePart& other) { return other.node == node; });
        if (part == parts.end()) {
            continue;
        }
        if (answer.sighting == Sighting::found) {
            part->result = "acked";
            part->found = true;
            part->node_tasks = answer.node_tasks;
            *part = combine(std::move(*part), *newest);
            // The poller follows the parts of unfinished tasks only.
            if (one.task_ended && !is_finished(*part)) {
                postpone(one);
                continue;
            }
            co_await record_doubts(*part, answer, one.task_ended);
        }
        ended_.at(answer.sighting)->add();
        ended.push_back(std::move(*part));
    }
    co_return ended;
}

// The node may have taken the write late: after writes that follow it, after a repair that it undoes, or
// after the task has ended otherwise. Then its copies are dirty (again).
Async<void> PartLookups::record_doubts(NodePart part, LookupAnswer answer, bool task_ended) {
    const auto task = co_await store_.tasks().find(part.uid);
    if (!task) {
        co_return;
    }
    std::set<ShardId> inverted;
    for (const auto uid : answer.inverted_with) {
        const auto others = co_await store_.tasks().parts(uid);
        const auto other = std::find_if(others.begin(), others.end(),
                                        [&](const auto& one) { return one.node == part.node; });
        const auto& shards = other == others.end() ? part.shards : other->shards;
        std::copy_if(part.shards.begin(), part.shards.end(), std::inserter(inverted, inverted.end()),
                     [&](ShardId shard) { return std::count(shards.begin(), shards.end(), shard) != 0; });
    }
    if (!inverted.empty()) {
        log_.error("a node took conflicting writes in the wrong order",
                   {{"node", part.node.str()}, {"task", std::to_string(part.uid)}});
    }
    const bool differs = task_ended && part.status != task->status;
    std::vector<DivergentCopy> copies;
    for (const auto shard : part.shards) {
        const bool disordered = answer.order_unsure || inverted.count(shard) != 0;
        if (disordered || differs) {
            copies.push_back({part.node, shard, NodeId{}, disordered ? "order" : "task_failed"});
        }
    }
    auto record = *task;
    co_await record_divergence_(std::move(record), std::move(copies));
}

void PartLookups::forget_all_but(const std::vector<PartLookup>& pending) {
    std::set<Place> kept;
    for (const auto& one : pending) {
        kept.emplace(one.uid, one.node);
    }
    std::erase_if(paces_, [&](const auto& pace) { return kept.count(pace.first) == 0; });
}

void PartLookups::postpone(const PartLookup& sought) {
    auto& pace = paces_.at({sought.uid, sought.node});
    const auto now = system_clock().steady();
    const auto waited = std::chrono::duration_cast<std::chrono::milliseconds>(now - pace.first);
    pace.next = now + std::clamp(waited, options_.pause_min, options_.pause_max);
}

bool PartLookups::has_settled(const PartLookup& sought) const {
    return system_clock().steady() - paces_.at({sought.uid, sought.node}).first >= options_.settle;
}

}  // namespace miroir::tasks
