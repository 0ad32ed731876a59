#pragma once

#include "miroir/coordination/dirty_ledger.hpp"
#include "miroir/stores/sql/session.hpp"

namespace miroir::stores {

// Inside the caller's transaction. A copy with more than `ids_max` ids is dirty for all of them.
void add_marks(SqlConnection& connection, const std::vector<coordination::DirtyMark>& marks,
               std::size_t ids_max);

class SqlDirtyLedger final : public coordination::DirtyLedger {
public:
    explicit SqlDirtyLedger(SqlSession& session) : session_(session) {}

    Async<void> mark(std::vector<coordination::DirtyMark> marks) override;
    Async<std::set<cluster::CopyRef>> copies() override;
    Async<std::optional<coordination::DirtyCopy>> find(cluster::CopyRef copy) override;
    Async<bool> clear(cluster::CopyRef copy, std::uint64_t revision) override;
    Async<void> forget(PhysicalIndexUid index) override;

private:
    SqlSession& session_;
};

}  // namespace miroir::stores
