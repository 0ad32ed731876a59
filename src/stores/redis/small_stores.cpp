#include "small_stores.hpp"

#include <algorithm>
#include <stdexcept>

namespace miroir::stores {

using coordination::AppliedSettings;
using coordination::Lease;
using coordination::NodeMemoryRecord;
using coordination::Peer;
using coordination::Ttl;

namespace {

constexpr auto script = RedisScript::small;

std::string us_text(std::chrono::microseconds duration) {
    return std::to_string(duration.count());
}

// "physical node"
std::pair<std::string, std::string> split(const std::string& field) {
    const auto space = field.find(' ');
    return {field.substr(0, space), field.substr(space + 1)};
}

}  // namespace

Async<std::optional<cluster::Topology>> RedisTopologyStore::load() {
    const auto reply = co_await session_.step(script, "load_topology");
    if (reply.at(0).is_nothing()) co_return std::nullopt;
    auto topology = cluster::topology_from_json(reply.at(1).text());
    topology.epoch = static_cast<Epoch>(reply.at(0).number());
    co_return topology;
}

Async<std::optional<Epoch>> RedisTopologyStore::replace(Epoch expected, cluster::Topology next) {
    std::vector<std::string> step = {"replace_topology", std::to_string(expected), cluster::to_json(next)};
    const auto reply = co_await session_.step(script, std::move(step));
    if (reply.is_nothing()) co_return std::nullopt;
    co_return static_cast<Epoch>(reply.number());
}

Async<std::vector<AppliedSettings>> RedisSettingsVersions::all() {
    const auto reply = co_await session_.step(script, "applied_settings");
    const RedisHash hash(reply);
    std::vector<AppliedSettings> applied;
    for (const auto& [field, version] : hash.fields()) {
        auto [physical, node] = split(field);
        applied.push_back(
            {PhysicalIndexUid(std::move(physical)), NodeId(std::move(node)), std::stoull(version)});
    }
    co_return applied;
}

Async<void> RedisSettingsVersions::record(std::vector<AppliedSettings> applied) {
    std::vector<std::string> step = {"record_settings"};
    for (const auto& one : applied) {
        step.insert(step.end(), {one.index.str(), one.node.str(), std::to_string(one.version)});
    }
    co_await session_.step(script, std::move(step));
}

Async<void> RedisSettingsVersions::forget(PhysicalIndexUid index, NodeId node) {
    std::vector<std::string> step = {"forget_settings", index.str(), node.str()};
    co_await session_.step(script, std::move(step));
}

Async<void> RedisSettingsVersions::forget_index(PhysicalIndexUid index) {
    std::vector<std::string> step = {"forget_settings_of_index", index.str()};
    co_await session_.step(script, std::move(step));
}

Async<std::optional<Lease>> RedisLeaseElector::try_acquire(std::string name, std::string holder, Ttl ttl) {
    std::vector<std::string> step = {"acquire_lease", name, holder, us_text(ttl)};
    const auto reply = co_await session_.step(script, std::move(step));
    if (reply.is_nothing()) co_return std::nullopt;
    co_return Lease{std::move(name), std::move(holder), static_cast<FenceToken>(reply.number())};
}

Async<bool> RedisLeaseElector::renew(Lease held, Ttl ttl) {
    std::vector<std::string> step = {"renew_lease", held.name, held.holder, std::to_string(held.token),
                                     us_text(ttl)};
    const auto reply = co_await session_.step(script, std::move(step));
    co_return reply.number() == 1;
}

Async<bool> RedisLeaseElector::verify_held(Lease held) {
    std::vector<std::string> step = {"verify_lease", held.name, held.holder, std::to_string(held.token)};
    const auto reply = co_await session_.step(script, std::move(step));
    co_return reply.number() == 1;
}

Async<void> RedisLeaseElector::release(Lease held) {
    std::vector<std::string> step = {"release_lease", held.name, held.holder, std::to_string(held.token)};
    co_await session_.step(script, std::move(step));
}

Async<std::vector<NodeMemoryRecord>> RedisNodeMemory::all() {
    const auto reply = co_await session_.step(script, "node_memory");
    const RedisHash hash(reply);
    std::vector<NodeMemoryRecord> records;
    for (const auto& [node, newest] : hash.fields()) records.push_back({NodeId(node), std::stoll(newest)});
    co_return records;
}

Async<void> RedisNodeMemory::saw_task(NodeId node, std::int64_t newest_task) {
    std::vector<std::string> step = {"saw_task", node.str(), std::to_string(newest_task)};
    co_await session_.step(script, std::move(step));
}

Async<void> RedisNodeMemory::reset(NodeId node, std::int64_t newest_task) {
    std::vector<std::string> step = {"reset_node", node.str(), std::to_string(newest_task)};
    co_await session_.step(script, std::move(step));
}

Async<std::optional<std::string>> RedisSecretStore::find(std::string name) {
    std::vector<std::string> step = {"find_secret", std::move(name)};
    const auto reply = co_await session_.step(script, std::move(step));
    co_return reply.optional_text();
}

Async<std::string> RedisSecretStore::keep(std::string name, std::string fresh) {
    std::vector<std::string> step = {"keep_secret", std::move(name), std::move(fresh)};
    const auto reply = co_await session_.step(script, std::move(step));
    co_return reply.text();
}

Async<void> RedisPeerRegistry::beat(Peer peer, std::chrono::milliseconds ttl) {
    // Nobody asks for those that are long gone.
    std::vector<std::string> step = {"beat",       peer.id.str(),
                                     peer.version, std::to_string(peer.view),
                                     us_text(ttl), us_text(std::chrono::hours(1))};
    co_await session_.step(script, std::move(step));
}

Async<std::vector<Peer>> RedisPeerRegistry::live() {
    const auto reply = co_await session_.step(script, "live_peers");
    std::vector<Peer> peers;
    for (const auto& one : reply.list()) {
        const auto view = static_cast<std::uint64_t>(one.at(2).number());
        peers.push_back({ReplicaId(one.at(0).text()), one.at(1).text(), view});
    }
    std::sort(peers.begin(), peers.end(),
              [](const Peer& left, const Peer& right) { return left.id < right.id; });
    co_return peers;
}

Async<void> RedisPeerRegistry::leave(ReplicaId id) {
    std::vector<std::string> step = {"leave", id.str()};
    co_await session_.step(script, std::move(step));
}

}  // namespace miroir::stores
