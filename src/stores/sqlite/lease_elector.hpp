#pragma once

#include "miroir/coordination/lease_elector.hpp"
#include "session.hpp"

namespace miroir::stores {

class SqliteLeaseElector final : public coordination::LeaseElector {
public:
    explicit SqliteLeaseElector(Session& session) : session_(session) {}

    Async<std::optional<coordination::Lease>> try_acquire(std::string name, std::string holder,
                                                          coordination::Ttl ttl) override;
    Async<bool> renew(coordination::Lease held, coordination::Ttl ttl) override;
    Async<bool> verify_held(coordination::Lease held) override;
    Async<void> release(coordination::Lease held) override;

private:
    std::int64_t expiry(coordination::Ttl ttl) const;

    Session& session_;
};

}  // namespace miroir::stores
