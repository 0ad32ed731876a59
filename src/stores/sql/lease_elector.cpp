#include "lease_elector.hpp"

namespace miroir::stores {

using coordination::Lease;
using coordination::Ttl;

namespace {

std::int64_t us_in(Ttl ttl) {
    return std::chrono::microseconds(ttl).count();
}

}  // namespace

Async<std::optional<Lease>> SqlLeaseElector::try_acquire(std::string name, std::string holder, Ttl ttl) {
    return session_.write(
        SqlLock::none,
        [name = std::move(name), holder = std::move(holder),
         ttl](SqlConnection& connection) -> std::optional<Lease> {
            const std::int64_t now = connection.now().us;
            auto row = connection.query(
                "INSERT INTO leases (name, holder, token, expires_at) VALUES (?1, ?2, 1, ?3) "
                "ON CONFLICT (name) DO UPDATE SET holder = ?2, token = leases.token + 1, expires_at = ?3 "
                "WHERE leases.expires_at <= ?4 OR leases.holder = ?2 RETURNING token",
                name, holder, now + us_in(ttl), now);
            if (!row.step()) return std::nullopt;
            const auto token = static_cast<FenceToken>(row.integer(0));
            row.step();
            return Lease{name, holder, token};
        });
}

Async<bool> SqlLeaseElector::renew(Lease held, Ttl ttl) {
    return session_.write(SqlLock::none, [held = std::move(held), ttl](SqlConnection& connection) {
        const std::int64_t now = connection.now().us;
        return connection.run(
                   "UPDATE leases SET expires_at = ? WHERE name = ? AND holder = ? AND token = ? "
                   "AND expires_at > ?",
                   now + us_in(ttl), held.name, held.holder, held.token, now) > 0;
    });
}

Async<bool> SqlLeaseElector::verify_held(Lease held) {
    return session_.read([held = std::move(held)](SqlConnection& connection) {
        auto row = connection.query(
            "SELECT 1 FROM leases WHERE name = ? AND holder = ? AND token = ? AND expires_at > ?", held.name,
            held.holder, held.token, connection.now().us);
        return row.step();
    });
}

Async<void> SqlLeaseElector::release(Lease held) {
    return session_.write(SqlLock::none, [held = std::move(held)](SqlConnection& connection) {
        connection.run("UPDATE leases SET expires_at = 0 WHERE name = ? AND holder = ? AND token = ?",
                       held.name, held.holder, held.token);
    });
}

}  // namespace miroir::stores
