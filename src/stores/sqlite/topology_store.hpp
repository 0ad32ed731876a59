#pragma once

#include "miroir/coordination/topology_store.hpp"
#include "session.hpp"

namespace miroir::stores {

// 0: no topology yet.
Epoch current_epoch(sqlite::Connection& connection);

class SqliteTopologyStore final : public coordination::TopologyStore {
public:
    explicit SqliteTopologyStore(Session& session) : session_(session) {}

    Async<std::optional<cluster::Topology>> load() override;
    Async<std::optional<Epoch>> replace(Epoch expected, cluster::Topology next) override;

private:
    Session& session_;
};

}  // namespace miroir::stores
