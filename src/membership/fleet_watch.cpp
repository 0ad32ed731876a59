#include "miroir/membership/fleet_watch.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>

#include "miroir/coordination/store_error.hpp"

namespace miroir::membership {

using nlohmann::json;

struct FleetWatch::Watched {
    NodeStatus status;
    bool in_service = false;
    bool tried = false;
    bool inspect_now = false;
    std::int64_t newest_task = -1;
    std::int64_t remembered_task = -1;
};

const char* name_of(NodeHealth health) {
    switch (health) {
        case NodeHealth::unknown:
            return "unknown";
        case NodeHealth::up:
            return "up";
        case NodeHealth::suspect:
            return "suspect";
        case NodeHealth::down:
            break;
    }
    return "down";
}

FleetWatch::FleetWatch(coordination::Store& store, SnapshotKeeper& snapshots, nodes::HttpNodeClient& nodes,
                       HealthOptions options, Executor control, Log& log, Metrics& metrics)
    : store_(store),
      snapshots_(snapshots),
      nodes_(nodes),
      options_(options),
      control_(control),
      log_(log),
      metrics_(metrics),
      group_(control, runtime::log_errors(log)) {}

FleetWatch::~FleetWatch() = default;

void FleetWatch::start() {
    started_ = true;
    snapshots_.on_change([this](const cluster::Snapshot& snapshot) { follow(snapshot); });
    follow(*snapshots_.current());
    group_.spawn("remember node tasks", [this]() { return remember_tasks(); });
}

Async<void> FleetWatch::stop() {
    return group_.stop();
}

void FleetWatch::follow(const cluster::Snapshot& snapshot) {
    nodes_.set_topology(snapshot.topology);
    for (const auto& node : snapshot.topology.nodes) {
        const std::lock_guard lock(mutex_);
        auto& slot = watched_[node.id];
        if (!slot && node.state != cluster::NodeState::removed) {
            slot = std::make_shared<Watched>();
            const auto id = node.id;
            group_.spawn("watch " + id.str(), [this, id]() { return watch(id); });
        }
    }
}

bool FleetWatch::settled() const {
    const std::lock_guard lock(mutex_);
    return std::all_of(watched_.begin(), watched_.end(), [](const auto& one) { return one.second->tried; });
}

bool FleetWatch::all_up() const {
    const std::lock_guard lock(mutex_);
    return std::all_of(watched_.begin(), watched_.end(),
                       [](const auto& one) { return one.second->status.health == NodeHealth::up; });
}

NodeStatus FleetWatch::status(const NodeId& node) const {
    const std::lock_guard lock(mutex_);
    const auto found = watched_.find(node);
    return found == watched_.end() ? NodeStatus{} : found->second->status;
}

void FleetWatch::saw_task(const NodeId& node, NodeTaskUid task) {
    const std::lock_guard lock(mutex_);
    const auto found = watched_.find(node);
    if (found != watched_.end()) {
        found->second->newest_task = std::max<std::int64_t>(found->second->newest_task, task);
    }
}

std::optional<NodeTaskUid> FleetWatch::newest_task(const NodeId& node) const {
    const std::lock_guard lock(mutex_);
    const auto found = watched_.find(node);
    if (found == watched_.end() || found->second->newest_task < 0) {
        return std::nullopt;
    }
    return static_cast<NodeTaskUid>(found->second->newest_task);
}

void FleetWatch::report_lost_index(const NodeId& node) {
    nodes_.exclude(node);
    log_.warn("a node lost an index: it is inspected before it serves again", {{"node", node.str()}});
}

void FleetWatch::on_return(std::function<void(const NodeId&)> listener) {
    listeners_.push_back(std::move(listener));
}

void FleetWatch::set_health(const NodeId& node, NodeHealth health) {
    bool changed = false;
    {
        const std::lock_guard lock(mutex_);
        auto& watched = *watched_.at(node);
        changed = watched.status.health != health;
        watched.status.health = health;
        watched.tried = true;
        watched.in_service = health == NodeHealth::up;
    }
    metrics_.gauge("miroir_node_up", "1 while the node is in service.", {{"node", node.str()}})
        .set(health == NodeHealth::up ? 1 : 0);
    if (changed) {
        log_.info("node health changed", {{"node", node.str()}, {"health", name_of(health)}});
    }
}

Async<void> FleetWatch::watch(NodeId node) {
    std::uint32_t failures = 0;
    std::uint32_t successes = 0;
    bool first = true;
    for (;;) {
        const bool serving = nodes_.usable(node);
        if (!serving) {
            const bool known_up = status(node).health == NodeHealth::up;
            if (known_up) {
                set_health(node, NodeHealth::suspect);
            }
        }
        const bool alive = co_await probe(node);
        successes = alive ? successes + 1 : 0;
        failures = alive ? 0 : failures + 1;
        if (!alive && (failures >= options_.down_after || !serving)) {
            nodes_.exclude(node);
            set_health(node, NodeHealth::down);
        }
        if (alive && serving) {
            co_await watch_disk(node);
        }
        if (alive && !serving && (first || successes >= options_.up_after)) {
            const bool trusted = co_await try_to_inspect(node);
            if (trusted) {
                nodes_.admit(node);
                set_health(node, NodeHealth::up);
                for (const auto& listener : listeners_) {
                    listener(node);
                }
            }
        }
        first = false;
        co_await pause(node);
    }
}

// Until the next probe. A node that goes out of service meanwhile is looked at at once, whatever the
// interval.
Async<void> FleetWatch::pause(NodeId node) {
    const bool serving = nodes_.usable(node);
    auto left = serving ? options_.interval : options_.return_interval;
    while (left.count() > 0 && nodes_.usable(node) == serving) {
        const auto nap = std::min(left, std::chrono::milliseconds(200));
        co_await runtime::sleep_for(nap);
        left -= nap;
    }
}

Async<bool> FleetWatch::probe(NodeId node) {
    nodes::NodeRequest request;
    request.target = "/health";
    request.repeatable = true;
    const auto deadline = Deadline::in(options_.timeout);
    const auto reply = co_await nodes_.probe(node, std::move(request), deadline);
    const auto* answer = std::get_if<nodes::NodeAnswer>(&reply);
    co_return answer != nullptr && answer->status == 200;
}

namespace {

// Empty when the node did not give a proper answer.
std::optional<json> answer_of(const nodes::NodeReply& reply) {
    const auto* answer = std::get_if<nodes::NodeAnswer>(&reply);
    if (answer == nullptr || answer->status != 200) {
        return std::nullopt;
    }
    auto parsed = json::parse(answer->body, nullptr, false);
    if (!parsed.is_object()) {
        return std::nullopt;
    }
    return parsed;
}

std::set<std::string> index_uids(const json& page) {
    std::set<std::string> uids;
    for (const auto& index : page.value("results", json::array())) {
        uids.insert(index.value("uid", ""));
    }
    return uids;
}

std::int64_t newest_listed(const json& page) {
    const auto results = page.value("results", json::array());
    return results.empty() ? -1 : results[0].value("uid", std::int64_t{-1});
}

nodes::NodeRequest get(std::string target) {
    nodes::NodeRequest request;
    request.target = std::move(target);
    request.repeatable = true;
    return request;
}

}  // namespace

// A node that cannot be compared with what the store knows of it stays out of service until it can.
Async<bool> FleetWatch::try_to_inspect(NodeId node) {
    bool trusted = false;
    try {
        trusted = co_await inspect(node);
    } catch (const coordination::StoreUnavailable&) {
        log_.warn("a node waits for the coordination store", {{"node", node.str()}});
    }
    co_return trusted;
}

Async<bool> FleetWatch::inspect(NodeId node) {
    const auto deadline = Deadline::in(options_.timeout * 5);
    auto version_request = get("/version");
    const auto version_reply = co_await nodes_.probe(node, std::move(version_request), deadline);
    auto tasks_request = get("/tasks?limit=1");
    const auto tasks_reply = co_await nodes_.probe(node, std::move(tasks_request), deadline);
    auto indexes_request = get("/indexes?limit=1000000");
    const auto indexes_reply = co_await nodes_.probe(node, std::move(indexes_request), deadline);
    const auto version = answer_of(version_reply);
    const auto tasks = answer_of(tasks_reply);
    const auto indexes = answer_of(indexes_reply);
    if (!version || !tasks || !indexes) {
        log_.warn("a node answers its health probe, but not us", {{"node", node.str()}});
        co_return false;
    }
    std::int64_t known = -1;
    const auto memory = co_await store_.node_memory().all();
    for (const auto& record : memory) {
        known = record.node == node ? record.newest_task : known;
    }
    const auto applied = co_await store_.settings_versions().all();
    const auto present = index_uids(*indexes);
    const auto newest = newest_listed(*tasks);
    known = std::max(known, nodes_.newest_task(node));
    {
        const std::lock_guard lock(mutex_);
        auto& watched = *watched_.at(node);
        watched.status.version = version->value("pkgVersion", "");
        known = std::max(known, watched.newest_task);
        watched.newest_task = std::max(watched.newest_task, newest);
    }
    const bool backwards = newest < known || nodes_.went_backwards(node);
    std::vector<PhysicalIndexUid> lost;
    for (const auto& one : applied) {
        if (one.node == node && (backwards || present.count(one.index.str()) == 0)) {
            lost.push_back(one.index);
        }
    }
    if (backwards || !lost.empty()) {
        const std::string reason = backwards ? "older_disk" : "lost_index";
        co_await distrust(node, std::move(lost), reason);
        {
            const std::lock_guard lock(mutex_);
            watched_.at(node)->newest_task = newest;
            watched_.at(node)->remembered_task = newest;
        }
        co_await store_.node_memory().reset(node, newest);
        nodes_.forget_tasks(node);
    }
    co_return true;
}

// A node in service whose task list went backwards was restarted on another disk between two probes: it goes
// out of service and is inspected.
Async<void> FleetWatch::watch_disk(NodeId node) {
    std::int64_t known = -1;
    {
        const std::lock_guard lock(mutex_);
        known = watched_.at(node)->newest_task;
    }
    auto request = get("/tasks?limit=1");
    const auto deadline = Deadline::in(options_.timeout);
    const auto reply = co_await nodes_.probe(node, std::move(request), deadline);
    const auto tasks = answer_of(reply);
    if (!tasks) {
        co_return;
    }
    const auto newest = newest_listed(*tasks);
    if (newest >= 0) {
        saw_task(node, static_cast<NodeTaskUid>(newest));
    }
    if (newest < known) {
        nodes_.exclude(node);
    }
}

// The node's copies of these indexes cannot be believed: they are dirty as a whole.
Async<void> FleetWatch::distrust(NodeId node, std::vector<PhysicalIndexUid> lost, std::string reason) {
    log_.warn("a node came back with another disk: its copies are refilled",
              {{"node", node.str()}, {"reason", reason}, {"indexes", std::to_string(lost.size())}});
    const auto snapshot = snapshots_.current();
    std::vector<coordination::DirtyMark> marks;
    for (const auto& [uid, index] : snapshot->indexes) {
        if (std::find(lost.begin(), lost.end(), index->physical) == lost.end()) {
            continue;
        }
        for (ShardId shard = 0; shard < index->placement.shards.size(); ++shard) {
            for (const auto& copy : index->placement.shards[shard]) {
                if (copy.node == node) {
                    coordination::DirtyMark mark;
                    mark.copy = {index->physical, shard, node};
                    mark.reason = reason;
                    marks.push_back(std::move(mark));
                }
            }
        }
    }
    co_await store_.ledger().mark(std::move(marks));
    for (const auto& index : lost) {
        co_await store_.settings_versions().forget(index, node);
    }
    co_await snapshots_.refresh();
}

bool FleetWatch::still_shows(const NodeId& node, std::int64_t task) const {
    const std::lock_guard lock(mutex_);
    return watched_.at(node)->newest_task >= task;
}

Async<void> FleetWatch::remember_tasks() {
    for (;;) {
        co_await runtime::sleep_for(std::chrono::milliseconds(1000));
        std::vector<std::pair<NodeId, std::int64_t>> seen;
        {
            const std::lock_guard lock(mutex_);
            for (const auto& [node, watched] : watched_) {
                if (watched->newest_task > watched->remembered_task) {
                    seen.emplace_back(node, watched->newest_task);
                }
            }
        }
        try {
            for (const auto& [node, task] : seen) {
                if (!still_shows(node, task)) {
                    continue;  // it has another disk by now
                }
                co_await store_.node_memory().saw_task(node, task);
                const std::lock_guard lock(mutex_);
                auto& watched = *watched_.at(node);
                watched.remembered_task = watched.newest_task < task ? watched.remembered_task : task;
            }
        } catch (const coordination::StoreUnavailable&) {
            continue;  // they are still seen and not remembered
        }
    }
}

}  // namespace miroir::membership
