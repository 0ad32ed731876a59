#include "peer_registry.hpp"

namespace miroir::stores {

using coordination::Peer;

bool is_live(SqlConnection& connection, const ReplicaId& replica) {
    auto row = connection.query("SELECT 1 FROM peers WHERE id = ? AND expires_at > ?", replica.str(),
                                connection.now().us);
    return row.step();
}

Async<void> SqlPeerRegistry::beat(Peer peer, std::chrono::milliseconds ttl) {
    return session_.write(SqlLock::none, [peer = std::move(peer), ttl](SqlConnection& connection) {
        const std::int64_t now = connection.now().us;
        connection.run(
            "INSERT INTO peers (id, version, view, expires_at) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO "
            "UPDATE SET "
            "version = excluded.version, view = excluded.view, expires_at = excluded.expires_at",
            peer.id.str(), peer.version, peer.view, now + std::chrono::microseconds(ttl).count());
        // Nobody asks for those that are long gone.
        connection.run("DELETE FROM peers WHERE expires_at < ?",
                       now - std::chrono::microseconds(std::chrono::hours(1)).count());
    });
}

Async<std::vector<Peer>> SqlPeerRegistry::live() {
    return session_.read([](SqlConnection& connection) {
        std::vector<Peer> peers;
        auto rows = connection.query("SELECT id, version, view FROM peers WHERE expires_at > ? ORDER BY id",
                                     connection.now().us);
        while (rows.step())
            peers.push_back(
                {ReplicaId(rows.text(0)), rows.text(1), static_cast<std::uint64_t>(rows.integer(2))});
        return peers;
    });
}

Async<void> SqlPeerRegistry::leave(ReplicaId id) {
    return session_.write(SqlLock::none, [id = std::move(id)](SqlConnection& connection) {
        connection.run("DELETE FROM peers WHERE id = ?", id.str());
    });
}

}  // namespace miroir::stores
