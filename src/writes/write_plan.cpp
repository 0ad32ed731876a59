#include "write_plan.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <numeric>

#include "miroir/meili/json_text.hpp"

namespace miroir::writes {

std::optional<std::vector<std::string>> WritePlan::ids_in(ShardId shard) const {
    if (!assignment) {
        return std::nullopt;
    }
    return ids_in_shard(*assignment, *ids, shard);
}

void plan_targets(WritePlan& plan) {
    const auto& index = *plan.index;
    plan.whole_index =
        plan.write->kind == WriteKind::delete_filter || plan.write->kind == WriteKind::delete_all;
    if (plan.whole_index) {
        plan.shards.resize(index.shards);
        std::iota(plan.shards.begin(), plan.shards.end(), ShardId{0});
    } else {
        if (!plan.ids) {
            plan.ids = plan.write->ids;
        }
        plan.assignment = std::make_shared<const ShardAssignment>(*plan.ids, index.shards);
        plan.shards = plan.assignment->touched();
    }
    std::map<NodeId, WriteTarget> by_node;
    for (const auto shard : plan.shards) {
        for (const auto& copy : index.placement.shards[shard]) {
            const bool lacks = copy.state == cluster::CopyState::filling ||
                               plan.snapshot->is_dirty(index.physical, shard, copy.node);
            auto& target = by_node[copy.node];
            const bool apart = plan.write->kind == WriteKind::update && lacks;
            (apart ? target.incomplete : target.complete).push_back(shard);
        }
    }
    for (auto& [node, target] : by_node) {
        target.node = node;
        plan.targets.push_back(std::move(target));
    }
}

std::vector<ShardId> WriteTarget::shards() const {
    std::vector<ShardId> all;
    std::merge(complete.begin(), complete.end(), incomplete.begin(), incomplete.end(),
               std::back_inserter(all));
    return all;
}

std::string task_type_of(WriteKind kind) {
    return kind == WriteKind::replace || kind == WriteKind::update ? "documentAdditionOrUpdate"
                                                                   : "documentDeletion";
}

std::string task_details_of(const DocumentWrite& write) {
    switch (write.kind) {
        case WriteKind::replace:
        case WriteKind::update:
            return "{\"receivedDocuments\":" + std::to_string(write.documents()) +
                   ",\"indexedDocuments\":null}";
        case WriteKind::delete_ids:
            return "{\"providedIds\":" + std::to_string(write.documents()) +
                   ",\"deletedDocuments\":null,\"originalFilter\":null}";
        case WriteKind::delete_filter: {
            std::string details = "{\"providedIds\":0,\"deletedDocuments\":null,\"originalFilter\":";
            meili::append_json_string(details, write.filter_json);
            return details + "}";
        }
        case WriteKind::delete_all:
            break;
    }
    return "{\"deletedDocuments\":null}";
}

std::string finished_details_of(const DocumentWrite& write) {
    auto details = task_details_of(write);
    for (const std::string name : {"\"indexedDocuments\":null", "\"deletedDocuments\":null"}) {
        const auto at = details.find(name);
        if (at != std::string::npos) {
            details.replace(at + name.size() - 4, 4, "0");
        }
    }
    return details;
}

coordination::EntryPlan entry_plan_of(const WritePlan& plan) {
    coordination::EntryPlan entry;
    entry.index = plan.index->logical;
    entry.physical = plan.index->physical;
    entry.epoch = plan.snapshot->topology.epoch;
    entry.generation = plan.index->generation;
    entry.conflicts.whole_index = plan.whole_index;
    if (!plan.whole_index) {
        entry.conflicts.shards = plan.shards;
    }
    for (const auto& target : plan.targets) {
        entry.targets.push_back({target.node, target.shards()});
    }
    return entry;
}

std::uint32_t copies_required(const std::string& wait_for_copies, std::uint32_t replication_factor,
                              std::uint32_t copies) {
    if (wait_for_copies == "majority") {
        return std::min(replication_factor / 2 + 1, copies);
    }
    if (wait_for_copies == "all") {
        return copies;
    }
    std::uint32_t number = 1;
    std::from_chars(wait_for_copies.data(), wait_for_copies.data() + wait_for_copies.size(), number);
    return std::min(std::max(number, 1U), copies);
}

}  // namespace miroir::writes
