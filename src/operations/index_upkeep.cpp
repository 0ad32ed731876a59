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
                         membership::Peers& peers, nodes::NodeClient& nodes, NodeCalls calls,
                         writes::Lanes& lanes, writes::JournalWatch& journal, Executor control, Log& log,
                         Metrics& metrics)
    : store_(store),
      snapshots_(snapshots),
      peers_(peers),
      nodes_(nodes),
      calls_(calls),
      lanes_(lanes),
      journal_(journal),
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
                const bool stale = snapshot->stale_settings.count({index->physical, node}) != 0;
                if (stale && nodes_.usable(node) &&
                    peers_.is_mine("upkeep " + index->physical.str() + " " + node.str())) {
                    begin(index, node, false);
                }
            }
        }
        co_await news_.wait(std::chrono::milliseconds(1000));
    }
}

void IndexUpkeep::begin(IndexPtr index, const NodeId& node, bool fresh) {
    const Key key{index->physical, node};
    if (!under_way_.insert(key).second) {
        return;
    }
    std::shared_ptr<writes::Lanes::Place> place;
    if (fresh) {
        coordination::ConflictSet whole;
        whole.whole_index = true;
        place = std::make_shared<writes::Lanes::Place>(lanes_.enter(index->physical, node, whole));
    }
    group_.spawn("index upkeep on " + node.str(),
                 [this, index, node, fresh, place]() { return bring_up(index, node, fresh, place); });
}

Async<void> IndexUpkeep::bring_up(IndexPtr index, NodeId node, bool fresh,
                                  std::shared_ptr<writes::Lanes::Place> place) {
    const Key key{index->physical, node};
    std::exception_ptr broken;
    try {
        auto sending = fresh ? send_fresh(index, node, std::move(place)) : send_held(index, node);
        const auto sent = co_await std::move(sending);
        NodeTaskResult result;
        if (sent) {
            result = co_await calls_.wait(node, *sent);
        }
        if (sent && result.kind == Kind::failed) {
            log_.warn("a node refused committed settings", {{"node", node.str()}});
        }
        if (sent && result.kind == Kind::succeeded) {
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

// Leaves the lane once creation and settings are in the node's queue.
Async<std::optional<NodeTaskUid>> IndexUpkeep::send_fresh(IndexPtr index, NodeId node,
                                                          std::shared_ptr<writes::Lanes::Place> place) {
    co_await place->turn();
    const auto sent = co_await send_all(std::move(index), std::move(node), true);
    place->leave();
    co_return sent;
}

// While writes to the index wait on all replicas: none may reach the node before the index, and no change of
// the settings may be overtaken by older ones.
Async<std::optional<NodeTaskUid>> IndexUpkeep::send_held(IndexPtr index, NodeId node) {
    NodeCall look;
    look.method = http::Method::get;
    look.target = "/indexes/" + index->physical.str();
    const auto found = co_await calls_.read(node, std::move(look));
    coordination::ConflictSet whole;
    whole.whole_index = true;
    auto self = peers_.self();
    auto name = index->logical;
    const auto held = co_await journal_.hold(std::move(name), std::move(whole), std::move(self));
    if (!held) {
        co_return std::nullopt;
    }
    co_await snapshots_.refresh();
    const auto now = snapshots_.current()->find(index->logical);
    if (!now || now->physical != index->physical || now->settings_version != index->settings_version) {
        co_return std::nullopt;
    }
    const auto sent = co_await send_all(std::move(index), std::move(node), !found.has_value());
    co_return sent;
}

Async<std::optional<NodeTaskUid>> IndexUpkeep::send_all(IndexPtr index, NodeId node, bool missing) {
    const auto uid = index->physical.str();
    if (missing) {
        ordered_json body{{"uid", uid}};
        NodeCall create;
        create.target = "/indexes";
        create.body = body.dump();
        const auto created = co_await calls_.send(node, std::move(create));
        if (created.kind != Kind::succeeded) {
            co_return std::nullopt;
        }
    }
    NodeCall settings;
    settings.method = http::Method::patch;
    settings.target = "/indexes/" + uid + "/settings";
    settings.body = meili::node_settings_json(index->settings_json);
    const auto sent = co_await calls_.send(node, std::move(settings));
    co_return sent.kind == Kind::succeeded ? std::optional(sent.task) : std::nullopt;
}

}  // namespace miroir::operations
