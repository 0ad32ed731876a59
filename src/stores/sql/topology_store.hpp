#pragma once

#include "miroir/coordination/topology_store.hpp"
#include "miroir/stores/sql/session.hpp"

namespace miroir::stores {

// 0: no topology yet.
Epoch current_epoch(SqlConnection& connection);

class SqlTopologyStore final : public coordination::TopologyStore {
public:
    explicit SqlTopologyStore(SqlSession& session) : session_(session) {}

    Async<std::optional<cluster::Topology>> load() override;
    Async<std::optional<Epoch>> replace(Epoch expected, cluster::Topology next) override;

private:
    SqlSession& session_;
};

}  // namespace miroir::stores
