#include "miroir/operations/repair.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "miroir/coordination/store_error.hpp"
#include "miroir/meili/markers.hpp"
#include "miroir/operations/node_calls.hpp"
#include "miroir/runtime/gather.hpp"

namespace miroir::operations {

using nlohmann::ordered_json;

namespace {

constexpr int attempts_max = 10;

std::string job_of(const cluster::CopyRef& copy) {
    return "repair " + copy.index.str() + " " + std::to_string(copy.shard) + " " + copy.node.str();
}

}  // namespace

Repair::Repair(coordination::Store& store, membership::SnapshotKeeper& snapshots, membership::Peers& peers,
               nodes::NodeClient& nodes, writes::JournalWatch& journal, RepairOptions options,
               Executor control, Log& log, Metrics& metrics)
    : store_(store),
      snapshots_(snapshots),
      peers_(peers),
      nodes_(nodes),
      calls_(nodes, options.node_timeout),
      journal_(journal),
      options_(options),
      log_(log),
      dirty_copies_(
          metrics.gauge("miroir_dirty_shards", "Copies of shards that missed or may have missed a write.")),
      copied_(
          metrics.counter("miroir_repair_copied_documents_total", "Documents written to a copy by repair.")),
      deleted_(
          metrics.counter("miroir_repair_deleted_documents_total", "Documents deleted on a copy by repair.")),
      repaired_(metrics.counter("miroir_repair_copies_total", "Copies that repair has made clean.")),
      news_(control),
      group_(control, runtime::log_errors(log)) {}

void Repair::start() {
    group_.spawn("repair", [this]() { return repair_forever(); });
}

Async<void> Repair::stop() {
    return group_.stop();
}

void Repair::nudge() {
    news_.notify_all();
}

Async<void> Repair::repair_forever() {
    for (;;) {
        const auto snapshot = snapshots_.current();
        dirty_copies_.set(static_cast<double>(snapshot->dirty.size()));
        std::map<NodeId, std::vector<cluster::CopyRef>> by_node;
        for (const auto& copy : snapshot->dirty) {
            const bool ready = peers_.is_mine(job_of(copy)) && nodes_.usable(copy.node) &&
                               snapshot->stale_settings.count({copy.index, copy.node}) == 0;
            if (ready) {
                by_node[copy.node].push_back(copy);
            }
        }
        std::vector<Async<void>> nodes;
        for (auto& [node, copies] : by_node) {
            nodes.push_back(repair_node(node, std::move(copies)));
        }
        bool away = false;
        try {
            co_await runtime::gather(std::move(nodes));
        } catch (const coordination::StoreUnavailable&) {
            away = true;
        }
        if (away) {
            log_.warn("the coordination store is away: repair waits", {});
        }
        co_await news_.wait(options_.interval);
    }
}

Async<void> Repair::repair_node(NodeId node, std::vector<cluster::CopyRef> copies) {
    std::uint64_t done = 0;
    for (auto& copy : copies) {
        if (!nodes_.usable(node)) {
            break;
        }
        const bool clean = co_await repair_copy(std::move(copy));
        done += clean ? 1 : 0;
    }
    if (done > 0) {
        log_.info("copies repaired", {{"node", node.str()}, {"copies", std::to_string(done)}});
    }
}

std::optional<Repair::Job> Repair::plan(const coordination::DirtyCopy& dirty) const {
    const auto snapshot = snapshots_.current();
    Job job;
    for (const auto& [uid, index] : snapshot->indexes) {
        job.index = index->physical == dirty.copy.index ? index : job.index;
    }
    if (!job.index) {
        return std::nullopt;
    }
    job.dirty = dirty;
    job.target = dirty.copy.node;
    const auto& copies = job.index->placement.shards[dirty.copy.shard];
    const auto is_clean = [&](const cluster::Copy& copy) {
        return copy.node != job.target && copy.state == cluster::CopyState::active &&
               !snapshot->is_dirty(dirty.copy.index, dirty.copy.shard, copy.node);
    };
    // A clean copy that is away has what no dirty one has: it is waited for.
    job.reference_is_clean = std::any_of(copies.begin(), copies.end(), is_clean);
    const cluster::Copy* best = nullptr;
    int best_rank = 0;
    for (const auto& copy : copies) {
        const bool readable = copy.node != job.target && copy.state == cluster::CopyState::active &&
                              nodes_.usable(copy.node) &&
                              snapshot->stale_settings.count({dirty.copy.index, copy.node}) == 0;
        if (!readable || (job.reference_is_clean && !is_clean(copy))) {
            continue;
        }
        const int rank = copy.node == dirty.reference ? 2 : 1;
        if (rank > best_rank) {
            best = &copy;
            best_rank = rank;
        }
    }
    if (best != nullptr) {
        job.reference = best->node;
    }
    return job;
}

// What the copy needs now; empty when it needs nothing or its index is gone.
Async<std::optional<Repair::Job>> Repair::next_job(cluster::CopyRef copy) {
    const auto dirty = co_await store_.ledger().find(copy);
    auto planned = dirty ? plan(*dirty) : std::nullopt;
    if (dirty && !planned) {
        co_await store_.ledger().forget(copy.index);
    }
    co_return planned;
}

// Compared once while writes go on, then while the shard's writes wait, until no write that had been sent
// before leaves a mark.
Async<bool> Repair::repair_copy(cluster::CopyRef copy) {
    auto first = co_await next_job(copy);
    if (!first) {
        co_await snapshots_.refresh();
        co_return false;
    }
    const auto index = first->index->logical;
    const auto job = std::make_shared<const Job>(std::move(*first));
    const bool reached = co_await pass(job);
    if (!reached) {
        co_return false;
    }
    coordination::ConflictSet shard;
    shard.shards.push_back(copy.shard);
    auto self = peers_.self();
    auto name = index;
    const auto held = co_await journal_.hold(std::move(name), std::move(shard), std::move(self));
    if (!held) {
        co_return false;
    }
    const bool cleared = co_await finish_copy(std::move(copy), index);
    co_return cleared;
}

// While the shard's writes wait.
Async<bool> Repair::finish_copy(cluster::CopyRef copy, LogicalIndexUid index) {
    // What was held is the shard of the index that had the name then.
    co_await snapshots_.refresh();
    const auto named = snapshots_.current()->find(index);
    if (!named || named->physical != copy.index) {
        co_return false;
    }
    bool cleared = false;
    for (int attempt = 0; attempt < attempts_max && !cleared; ++attempt) {
        auto next = co_await next_job(copy);
        if (!next) {
            break;
        }
        const auto again = std::make_shared<const Job>(std::move(*next));
        const bool done = co_await pass(again);
        if (!done) {
            break;
        }
        cleared = co_await store_.ledger().clear(copy, again->dirty.revision);
    }
    repaired_.add(cleared ? 1 : 0);
    co_await snapshots_.refresh();
    co_return cleared;
}

// One comparison and what follows from it, after both queues have passed everything accepted before.
Async<bool> Repair::pass(std::shared_ptr<const Job> job) {
    if (job->index->placement.shards[job->dirty.copy.shard].size() == 1) {
        co_return true;
    }
    if (job->reference.empty()) {
        co_return false;
    }
    const bool reference_ready = co_await calls_.wait_for_queue(job->reference, job->index->physical);
    const bool target_ready = co_await calls_.wait_for_queue(job->target, job->index->physical);
    if (!reference_ready || !target_ready) {
        co_return false;
    }
    if (job->dirty.all) {
        const bool done = co_await pass_over_all(job);
        co_return done;
    }
    const std::size_t step = options_.documents_per_request;
    for (std::size_t begin = 0; begin < job->dirty.ids.size(); begin += step) {
        const auto end = std::min(begin + step, job->dirty.ids.size());
        std::vector<std::string> ids(job->dirty.ids.begin() + static_cast<std::ptrdiff_t>(begin),
                                     job->dirty.ids.begin() + static_cast<std::ptrdiff_t>(end));
        const bool done = co_await pass_over(job, std::move(ids));
        if (!done) {
            co_return false;
        }
    }
    co_return true;
}

Async<bool> Repair::pass_over_all(std::shared_ptr<const Job> job) {
    const auto reference = co_await whole_content(job, job->reference);
    const auto target = co_await whole_content(job, job->target);
    if (!reference || !target) {
        co_return false;
    }
    auto difference =
        job->reference_is_clean ? follow_reference(*reference, *target) : meet_halfway(*reference, *target);
    const bool done = co_await apply(job, std::move(difference));
    co_return done;
}

Async<bool> Repair::pass_over(std::shared_ptr<const Job> job, std::vector<std::string> ids) {
    const auto reference = co_await content(job, job->reference, ids);
    const auto target = co_await content(job, job->target, ids);
    if (!reference || !target) {
        co_return false;
    }
    auto difference =
        job->reference_is_clean ? follow_reference(*reference, *target) : meet_halfway(*reference, *target);
    const bool done = co_await apply(job, std::move(difference));
    co_return done;
}

Async<bool> Repair::apply(std::shared_ptr<const Job> job, CopyDifference difference) {
    const bool forth = co_await copy_documents(job, job->reference, job->target, difference.copy_to_target);
    const bool back = co_await copy_documents(job, job->target, job->reference, difference.copy_to_reference);
    const bool gone = co_await delete_documents(job, difference.delete_on_target);
    co_return forth&& back&& gone;
}

}  // namespace miroir::operations
