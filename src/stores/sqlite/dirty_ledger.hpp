#pragma once

#include "miroir/coordination/dirty_ledger.hpp"
#include "session.hpp"

namespace miroir::stores {

// Inside the caller's transaction. A copy with more than `ids_max` ids is dirty for all of them.
void add_marks(sqlite::Connection& connection, const std::vector<coordination::DirtyMark>& marks,
               std::size_t ids_max);

class SqliteDirtyLedger final : public coordination::DirtyLedger {
public:
    explicit SqliteDirtyLedger(Session& session) : session_(session) {}

    Async<void> mark(std::vector<coordination::DirtyMark> marks) override;
    Async<std::set<cluster::CopyRef>> copies() override;
    Async<std::optional<coordination::DirtyCopy>> find(cluster::CopyRef copy) override;
    Async<bool> clear(cluster::CopyRef copy, std::uint64_t revision) override;
    Async<void> forget(PhysicalIndexUid index) override;

private:
    Session& session_;
};

}  // namespace miroir::stores
