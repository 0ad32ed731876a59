#include "miroir/operations/orphan_indexes.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "miroir/base/clock.hpp"
#include "miroir/coordination/store_error.hpp"
#include "miroir/operations/node_calls.hpp"

namespace miroir::operations {

using nlohmann::ordered_json;

namespace {

// Empty when the answer is not a list of indexes.
std::optional<std::vector<PhysicalIndexUid>> uids_in(const std::string& page) {
    const auto parsed = ordered_json::parse(page, nullptr, false);
    if (!parsed.is_object() || !parsed.contains("results") || !parsed["results"].is_array()) {
        return std::nullopt;
    }
    std::vector<PhysicalIndexUid> uids;
    for (const auto& index : parsed["results"]) {
        if (!index.is_object() || !index.contains("uid") || !index["uid"].is_string()) {
            return std::nullopt;
        }
        uids.emplace_back(index["uid"].get<std::string>());
    }
    return uids;
}

std::vector<PhysicalIndexUid> not_in_catalog(std::vector<PhysicalIndexUid> uids,
                                             const cluster::Snapshot& snapshot) {
    std::set<PhysicalIndexUid> known;
    for (const auto& [logical, index] : snapshot.indexes) {
        known.insert(index->physical);
    }
    std::erase_if(uids, [&](const auto& uid) { return known.contains(uid); });
    return uids;
}

}  // namespace

OrphanIndexes::OrphanIndexes(coordination::Store& store, membership::SnapshotKeeper& snapshots,
                             nodes::NodeClient& nodes, OrphanOptions options, Executor control, Log& log,
                             Metrics& metrics)
    : store_(store),
      snapshots_(snapshots),
      nodes_(nodes),
      calls_(nodes, options.node_timeout),
      options_(options),
      log_(log),
      metrics_(metrics),
      deleted_(metrics.counter("miroir_orphan_indexes_deleted_total",
                               "Indexes deleted on a node that was away when they were deleted.")),
      news_(control),
      group_(control, runtime::log_errors(log)) {}

void OrphanIndexes::start() {
    group_.spawn("orphan indexes", [this]() { return watch(); });
}

Async<void> OrphanIndexes::stop() {
    return group_.stop();
}

void OrphanIndexes::look_at(const NodeId& node) {
    pending_.insert(node);
    news_.notify_all();
}

Async<void> OrphanIndexes::watch() {
    auto everybody = Deadline::in(options_.interval);
    for (;;) {
        if (everybody.passed()) {
            for (const auto& node : snapshots_.current()->topology.nodes) {
                pending_.insert(node.id);
            }
            everybody = Deadline::in(options_.interval);
        }
        try {
            co_await look_at_pending();
        } catch (const coordination::StoreUnavailable&) {
            // The nodes stay pending.
        }
        const auto pause = pending_.empty() ? options_.interval : options_.retry;
        co_await news_.wait(pause);
    }
}

Async<void> OrphanIndexes::look_at_pending() {
    const auto nodes = pending_;
    for (const auto& node : nodes) {
        if (!nodes_.usable(node)) {
            // It is looked at when it returns.
            pending_.erase(node);
            continue;
        }
        const bool done = co_await clean(node);
        if (done) {
            pending_.erase(node);
        }
    }
}

// The list is read before the catalog, so that an index made meanwhile is known.
Async<bool> OrphanIndexes::clean(NodeId node) {
    NodeCall look;
    look.method = http::Method::get;
    look.target = "/indexes?limit=1000000";
    const auto page = co_await calls_.read(node, std::move(look));
    auto present = page ? uids_in(*page) : std::nullopt;
    if (!present) {
        co_return false;
    }
    co_await snapshots_.refresh();
    const auto unknown = not_in_catalog(std::move(*present), *snapshots_.current());
    const auto orphans = co_await store_.catalog().removed_among(unknown);
    const auto foreign = unknown.size() - orphans.size();
    metrics_
        .gauge("miroir_foreign_indexes", "Indexes of a node that are not miroir's.", {{"node", node.str()}})
        .set(static_cast<double>(foreign));
    if (foreign != 0) {
        log_.warn("a node has indexes that are not ours: they are left alone",
                  {{"node", node.str()}, {"indexes", std::to_string(foreign)}});
    }
    bool done = true;
    for (const auto& orphan : orphans) {
        NodeCall removal;
        removal.method = http::Method::del;
        removal.target = "/indexes/" + orphan.str();
        const auto result = co_await calls_.send_and_wait(node, std::move(removal));
        const bool gone = result.kind == NodeTaskResult::Kind::succeeded;
        done = done && gone;
        deleted_.add(gone ? 1 : 0);
    }
    if (!orphans.empty() && done) {
        log_.info("indexes that were deleted while a node was away are deleted there too",
                  {{"node", node.str()}, {"indexes", std::to_string(orphans.size())}});
    }
    co_return done;
}

}  // namespace miroir::operations
