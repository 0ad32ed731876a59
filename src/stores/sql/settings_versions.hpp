#pragma once

#include "miroir/coordination/settings_versions.hpp"
#include "miroir/stores/sql/session.hpp"

namespace miroir::stores {

class SqlSettingsVersions final : public coordination::SettingsVersions {
public:
    explicit SqlSettingsVersions(SqlSession& session) : session_(session) {}

    Async<std::vector<coordination::AppliedSettings>> all() override;
    Async<void> record(std::vector<coordination::AppliedSettings> applied) override;
    Async<void> forget(PhysicalIndexUid index, NodeId node) override;
    Async<void> forget_index(PhysicalIndexUid index) override;

private:
    SqlSession& session_;
};

}  // namespace miroir::stores
