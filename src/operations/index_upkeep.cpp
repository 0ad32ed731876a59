#include "miroir/operations/index_upkeep.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "miroir/coordination/store_error.hpp"
#include "miroir/meili/settings.hpp"
#include "miroir/operations/node_calls.hpp"

namespace miroir::operations {

using nlohmann::ordered_json;
using Kind = NodeTaskResult::Kind;

std::set<NodeId> nodes_of(const cluster::IndexEntry& index) {
    std::set<NodeId> nodes;
    for (const auto& shard : index.placement.shards) {
        for (const auto& copy : shard) {
            nodes.insert(copy.node);
        }
    }
    return nodes;
}

IndexUpkeep::IndexUpkeep(coordination::Store& store, membership::SnapshotKeeper& snapshots,
                         nodes::NodeClient& nodes, NodeCalls calls, writes::Lanes& lanes, Executor control,
                         Log& log, Metrics& metrics)
    : store_(store),
      snapshots_(snapshots),
      nodes_(nodes),
      calls_(calls),
      lanes_(lanes),
      log_(log),
      repaired_(metrics.counter("miroir_settings_applied_total", "Indexes brought up to date on a node.")),
      news_(control),
      progress_(control),
      group_(control, runtime::log_errors(log)) {}

void IndexUpkeep::start() {
    group_.spawn("index upkeep", [this]() { return keep_up(); });
}

Async<void> IndexUpkeep::stop() {
    return group_.stop();
}

void IndexUpkeep::nudge() {
    news_.notify_all();
}

void IndexUpkeep::create_on_nodes(std::shared_ptr<const cluster::IndexEntry> index) {
    for (const auto& node : nodes_of(*index)) {
        if (nodes_.usable(node)) {
            begin(index, node, true);
        }
    }
}

Async<void> IndexUpkeep::settled(PhysicalIndexUid index) {
    const auto busy = [this, index]() {
        return std::any_of(under_way_.begin(), under_way_.end(),
                           [&](const auto& key) { return key.first == index; });
    };
    while (busy()) {
        co_await progress_.wait(std::chrono::milliseconds(1000));
    }
}

Async<void> IndexUpkeep::keep_up() {
    for (;;) {
        const auto snapshot = snapshots_.current();
        for (const auto& [uid, index] : snapshot->indexes) {
            for (const auto& node : nodes_of(*index)) {
                if (snapshot->stale_settings.count({index->physical, node}) != 0 && nodes_.usable(node)) {
                    begin(index, node, false);
                }
            }
        }
        co_await news_.wait(std::chrono::milliseconds(1000));
    }
}

void IndexUpkeep::begin(std::shared_ptr<const cluster::IndexEntry> index, const NodeId& node, bool fresh) {
    const Key key{index->physical, node};
    if (!under_way_.insert(key).second) {
        return;
    }
    coordination::ConflictSet whole;
    whole.whole_index = true;
    auto place = std::make_shared<writes::Lanes::Place>(lanes_.enter(index->physical, node, whole));
    group_.spawn("index upkeep on " + node.str(), [this, index, node, place, fresh]() {
        return bring_up(index, node, std::move(*place), fresh);
    });
}

Async<void> IndexUpkeep::bring_up(std::shared_ptr<const cluster::IndexEntry> index, NodeId node,
                                  writes::Lanes::Place place, bool fresh) {
    const Key key{index->physical, node};
    std::exception_ptr broken;
    try {
        const bool done = co_await send_all(index, node, std::move(place), fresh);
        if (done) {
            repaired_.add();
            coordination::AppliedSettings applied{index->physical, node, index->settings_version};
            std::vector<coordination::AppliedSettings> one{applied};
            co_await store_.settings_versions().record(std::move(one));
            co_await snapshots_.refresh();
        }
    } catch (const coordination::StoreUnavailable&) {
        // The next round tries again.
    } catch (...) {
        broken = std::current_exception();
    }
    under_way_.erase(key);
    progress_.notify_all();
    if (broken) {
        std::rethrow_exception(broken);
    }
}

// Leaves the lane once creation and settings are in the node's queue; true when the node has applied both.
Async<bool> IndexUpkeep::send_all(std::shared_ptr<const cluster::IndexEntry> index, NodeId node,
                                  writes::Lanes::Place place, bool fresh) {
    co_await place.turn();
    const auto uid = index->physical.str();
    bool missing = fresh;
    if (!fresh) {
        NodeCall look;
        look.method = http::Method::get;
        look.target = "/indexes/" + uid;
        const auto found = co_await calls_.read(node, std::move(look));
        missing = !found.has_value();
    }
    if (missing) {
        ordered_json body{{"uid", uid}};
        NodeCall create;
        create.target = "/indexes";
        create.body = body.dump();
        const auto created = co_await calls_.send(node, std::move(create));
        if (created.kind != Kind::succeeded) {
            co_return false;
        }
    }
    NodeCall settings;
    settings.method = http::Method::patch;
    settings.target = "/indexes/" + uid + "/settings";
    settings.body = meili::node_settings_json(index->settings_json);
    const auto sent = co_await calls_.send(node, std::move(settings));
    place.leave();
    if (sent.kind != Kind::succeeded) {
        co_return false;
    }
    const auto result = co_await calls_.wait(node, sent.task);
    if (result.kind == Kind::failed) {
        log_.warn("a node refused committed settings", {{"node", node.str()}});
    }
    co_return result.kind == Kind::succeeded;
}

}  // namespace miroir::operations
