#pragma once

#include "miroir/coordination/dirty_ledger.hpp"
#include "session.hpp"

namespace miroir::stores {

// Marks as the scripts read them (JSON).
std::string marks_text(const std::vector<coordination::DirtyMark>& marks);

class RedisDirtyLedger final : public coordination::DirtyLedger {
public:
    explicit RedisDirtyLedger(RedisSession& session) : session_(session) {}

    Async<void> mark(std::vector<coordination::DirtyMark> marks) override;
    Async<std::set<cluster::CopyRef>> copies() override;
    Async<std::optional<coordination::DirtyCopy>> find(cluster::CopyRef copy) override;
    Async<bool> clear(cluster::CopyRef copy, std::uint64_t revision) override;
    Async<void> forget(PhysicalIndexUid index) override;

private:
    RedisSession& session_;
};

}  // namespace miroir::stores
