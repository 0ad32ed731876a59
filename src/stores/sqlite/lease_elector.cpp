#include "lease_elector.hpp"

namespace miroir::stores {

using coordination::Lease;
using coordination::Ttl;
using sqlite::Connection;

std::int64_t SqliteLeaseElector::expiry(Ttl ttl) const {
    return session_.now().us + std::chrono::microseconds(ttl).count();
}

Async<std::optional<Lease>> SqliteLeaseElector::try_acquire(std::string name, std::string holder, Ttl ttl) {
    return session_.write([this, name = std::move(name), holder = std::move(holder),
                           ttl](Connection& connection) -> std::optional<Lease> {
        auto row = connection.query(
            "INSERT INTO leases (name, holder, token, expires_at) VALUES (?1, ?2, 1, ?3) "
            "ON CONFLICT DO UPDATE SET holder = ?2, token = token + 1, expires_at = ?3 "
            "WHERE expires_at <= ?4 OR holder = ?2 RETURNING token",
            name, holder, expiry(ttl), session_.now().us);
        if (!row.step()) return std::nullopt;
        const auto token = static_cast<FenceToken>(row.integer(0));
        row.step();
        return Lease{name, holder, token};
    });
}

Async<bool> SqliteLeaseElector::renew(Lease held, Ttl ttl) {
    return session_.write([this, held = std::move(held), ttl](Connection& connection) {
        return connection.run(
                   "UPDATE leases SET expires_at = ? WHERE name = ? AND holder = ? AND token = ? "
                   "AND expires_at > ?",
                   expiry(ttl), held.name, held.holder, held.token, session_.now().us) > 0;
    });
}

Async<bool> SqliteLeaseElector::verify_held(Lease held) {
    return session_.read([this, held = std::move(held)](Connection& connection) {
        auto row = connection.query(
            "SELECT 1 FROM leases WHERE name = ? AND holder = ? AND token = ? AND expires_at > ?", held.name,
            held.holder, held.token, session_.now().us);
        return row.step();
    });
}

Async<void> SqliteLeaseElector::release(Lease held) {
    return session_.write([held = std::move(held)](Connection& connection) {
        connection.run("UPDATE leases SET expires_at = 0 WHERE name = ? AND holder = ? AND token = ?",
                       held.name, held.holder, held.token);
    });
}

}  // namespace miroir::stores
