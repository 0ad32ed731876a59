#include "miroir/tasks/verdict.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

namespace miroir::tasks {

using coordination::NodePart;
using coordination::TaskRecord;
using coordination::TaskStatus;
using nlohmann::ordered_json;

namespace {

bool terminal(const NodePart& part) {
    return part.result == "acked" && part.status &&
           (*part.status == TaskStatus::succeeded || *part.status == TaskStatus::failed ||
            *part.status == TaskStatus::canceled);
}

struct ShardOutcome {
    const NodePart* succeeded = nullptr;
    const NodePart* failed = nullptr;
    const NodePart* canceled = nullptr;
    bool running = false;
    bool acked = false;  // at once, not found later
};

void add(ShardOutcome& outcome, const NodePart& part) {
    if (part.result == "refused") {
        outcome.failed = outcome.failed == nullptr ? &part : outcome.failed;
    } else if (part.result != "acked") {
        return;
    } else if (!terminal(part)) {
        outcome.running = true;
    } else if (*part.status == TaskStatus::succeeded) {
        outcome.succeeded = &part;
    } else if (*part.status == TaskStatus::failed) {
        outcome.failed = &part;
    } else {
        outcome.canceled = &part;
    }
}

std::map<ShardId, ShardOutcome> by_shard(const std::vector<NodePart>& parts) {
    std::map<ShardId, ShardOutcome> shards;
    for (const auto& part : parts) {
        for (const auto shard : part.shards) {
            auto& outcome = shards[shard];
            if (!part.found) {
                add(outcome, part);
                outcome.acked = outcome.acked || part.result == "acked";
            }
        }
    }
    for (const auto& part : parts) {
        for (const auto shard : part.shards) {
            auto& outcome = shards[shard];
            if (part.found && !outcome.acked) {
                add(outcome, part);
            }
        }
    }
    return shards;
}

void add_details(Verdict& verdict, const TaskRecord& task, const std::vector<NodePart>& parts) {
    auto details = ordered_json::parse(task.details_json, nullptr, false);
    if (!details.is_object()) {
        verdict.details_json = task.details_json;
        return;
    }
    for (const auto* name : {"indexedDocuments", "deletedDocuments", "editedDocuments"}) {
        if (details.contains(name)) {
            details[name] = verdict.status == TaskStatus::succeeded ? count_once(parts, name) : 0;
        }
    }
    verdict.details_json = details.dump();
}

void add_times(Verdict& verdict, const std::vector<NodePart>& parts) {
    for (const auto& part : parts) {
        if (part.started_at && (!verdict.started_at || *part.started_at < *verdict.started_at)) {
            verdict.started_at = part.started_at;
        }
        if (part.finished_at && (!verdict.finished_at || *verdict.finished_at < *part.finished_at)) {
            verdict.finished_at = part.finished_at;
        }
    }
}

// Copies that did not do what the task did, though another copy of their shard did.
void add_divergent(Verdict& verdict, const std::vector<NodePart>& parts,
                   const std::map<ShardId, ShardOutcome>& shards) {
    for (const auto& part : parts) {
        const bool applied = terminal(part) && *part.status == TaskStatus::succeeded;
        for (const auto shard : part.shards) {
            const auto& outcome = shards.at(shard);
            if (part.found && applied && outcome.succeeded == nullptr) {
                const auto* other = outcome.failed != nullptr ? outcome.failed : outcome.canceled;
                verdict.divergent.push_back({part.node, shard, other != nullptr ? other->node : NodeId{}});
            }
            if (applied || part.result == "planned") {
                continue;
            }
            const auto* reference = outcome.succeeded;
            const bool unknown = part.result == "acked" && !terminal(part);
            if (reference != nullptr || unknown) {
                verdict.divergent.push_back(
                    {part.node, shard, reference != nullptr ? reference->node : NodeId{}});
            }
        }
    }
}

}  // namespace

std::uint64_t count_once(const std::vector<NodePart>& parts, const std::string& detail) {
    std::map<ShardId, int> copies;
    for (const auto& part : parts) {
        if (terminal(part) && *part.status == TaskStatus::succeeded) {
            for (const auto shard : part.shards) {
                ++copies[shard];
            }
        }
    }
    double total = 0;
    for (const auto& part : parts) {
        if (!terminal(part) || *part.status != TaskStatus::succeeded || part.shards.empty()) {
            continue;
        }
        const auto details = ordered_json::parse(part.details_json, nullptr, false);
        if (!details.is_object() || !details.contains(detail) || !details[detail].is_number()) {
            continue;
        }
        double share = 0;
        for (const auto shard : part.shards) {
            share += 1.0 / copies[shard];
        }
        total += details[detail].get<double>() * share / static_cast<double>(part.shards.size());
    }
    return static_cast<std::uint64_t>(std::llround(total));
}

std::optional<Verdict> judge(const TaskRecord& task, const std::vector<NodePart>& parts,
                             const std::vector<bool>& abandoned) {
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const bool waiting = parts[i].result == "acked" && !terminal(parts[i]) && !abandoned[i];
        if (parts[i].result == "planned" || waiting) {
            return std::nullopt;
        }
    }
    const auto shards = by_shard(parts);
    Verdict verdict;
    const NodePart* failure = nullptr;
    bool canceled = false;
    bool applied = false;
    bool unknown = false;
    for (const auto& [shard, outcome] : shards) {
        if (outcome.succeeded != nullptr) {
            applied = true;
        } else if (outcome.failed != nullptr) {
            failure = failure == nullptr ? outcome.failed : failure;
        } else if (outcome.canceled != nullptr) {
            canceled = true;
        } else if (outcome.running) {
            return std::nullopt;
        } else {
            unknown = true;
        }
    }
    if (failure != nullptr || unknown) {
        verdict.status = TaskStatus::failed;
        verdict.error_json = failure != nullptr ? failure->error_json : std::string{};
    } else if (canceled && !applied) {
        verdict.status = TaskStatus::canceled;
    }
    add_details(verdict, task, parts);
    add_times(verdict, parts);
    add_divergent(verdict, parts, shards);
    return verdict;
}

}  // namespace miroir::tasks
