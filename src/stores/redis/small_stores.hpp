#pragma once

#include "miroir/coordination/store.hpp"
#include "session.hpp"

namespace miroir::stores {

class RedisTopologyStore final : public coordination::TopologyStore {
public:
    explicit RedisTopologyStore(RedisSession& session) : session_(session) {}
    Async<std::optional<cluster::Topology>> load() override;
    Async<std::optional<Epoch>> replace(Epoch expected, cluster::Topology next) override;

private:
    RedisSession& session_;
};

class RedisSettingsVersions final : public coordination::SettingsVersions {
public:
    explicit RedisSettingsVersions(RedisSession& session) : session_(session) {}
    Async<std::vector<coordination::AppliedSettings>> all() override;
    Async<void> record(std::vector<coordination::AppliedSettings> applied) override;
    Async<void> forget(PhysicalIndexUid index, NodeId node) override;
    Async<void> forget_index(PhysicalIndexUid index) override;

private:
    RedisSession& session_;
};

class RedisLeaseElector final : public coordination::LeaseElector {
public:
    explicit RedisLeaseElector(RedisSession& session) : session_(session) {}
    Async<std::optional<coordination::Lease>> try_acquire(std::string name, std::string holder,
                                                          coordination::Ttl ttl) override;
    Async<bool> renew(coordination::Lease held, coordination::Ttl ttl) override;
    Async<bool> verify_held(coordination::Lease held) override;
    Async<void> release(coordination::Lease held) override;

private:
    RedisSession& session_;
};

class RedisNodeMemory final : public coordination::NodeMemory {
public:
    explicit RedisNodeMemory(RedisSession& session) : session_(session) {}
    Async<std::vector<coordination::NodeMemoryRecord>> all() override;
    Async<void> saw_task(NodeId node, std::int64_t newest_task) override;
    Async<void> reset(NodeId node, std::int64_t newest_task) override;

private:
    RedisSession& session_;
};

class RedisSecretStore final : public coordination::SecretStore {
public:
    explicit RedisSecretStore(RedisSession& session) : session_(session) {}
    Async<std::optional<std::string>> find(std::string name) override;
    Async<std::string> keep(std::string name, std::string fresh) override;

private:
    RedisSession& session_;
};

class RedisPeerRegistry final : public coordination::PeerRegistry {
public:
    explicit RedisPeerRegistry(RedisSession& session) : session_(session) {}
    Async<void> beat(coordination::Peer peer, std::chrono::milliseconds ttl) override;
    Async<std::vector<coordination::Peer>> live() override;
    Async<void> leave(ReplicaId id) override;

private:
    RedisSession& session_;
};

}  // namespace miroir::stores
