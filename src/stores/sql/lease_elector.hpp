#pragma once

#include "miroir/coordination/lease_elector.hpp"
#include "miroir/stores/sql/session.hpp"

namespace miroir::stores {

class SqlLeaseElector final : public coordination::LeaseElector {
public:
    explicit SqlLeaseElector(SqlSession& session) : session_(session) {}

    Async<std::optional<coordination::Lease>> try_acquire(std::string name, std::string holder,
                                                          coordination::Ttl ttl) override;
    Async<bool> renew(coordination::Lease held, coordination::Ttl ttl) override;
    Async<bool> verify_held(coordination::Lease held) override;
    Async<void> release(coordination::Lease held) override;

private:
    SqlSession& session_;
};

}  // namespace miroir::stores
