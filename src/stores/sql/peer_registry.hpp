#pragma once

#include "miroir/coordination/peer_registry.hpp"
#include "miroir/stores/sql/session.hpp"

namespace miroir::stores {

// By the store's clock, inside the caller's transaction.
bool is_live(SqlConnection& connection, const ReplicaId& replica);

class SqlPeerRegistry final : public coordination::PeerRegistry {
public:
    explicit SqlPeerRegistry(SqlSession& session) : session_(session) {}

    Async<void> beat(coordination::Peer peer, std::chrono::milliseconds ttl) override;
    Async<std::vector<coordination::Peer>> live() override;
    Async<void> leave(ReplicaId id) override;

private:
    SqlSession& session_;
};

}  // namespace miroir::stores
