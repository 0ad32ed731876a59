#pragma once

#include <atomic>
#include <string>

#include "miroir/api/route.hpp"
#include "miroir/coordination/dirty_ledger.hpp"
#include "miroir/membership/fleet_watch.hpp"
#include "miroir/membership/snapshot_keeper.hpp"
#include "miroir/nodes/node_client.hpp"

namespace miroir::api {

// Health, version, readiness, and what operators see of the cluster.
class SystemHandler {
public:
    SystemHandler(const membership::SnapshotKeeper& snapshots, const membership::FleetWatch& fleet,
                  const nodes::NodeClient& nodes);

    Async<http::Response> root(http::Request request);
    Async<http::Response> health(http::Request request);
    Async<Result<http::Response>> version(http::Request request, auth::Grant grant);

    // 200 when the topology is loaded and one group has a usable node for every shard of every index.
    Async<http::Response> ready(http::Request request);
    Async<Result<http::Response>> topology(http::Request request, auth::Grant grant);
    Async<Result<http::Response>> shards(http::Request request, auth::Grant grant);

    // From now on unready: the load balancer sends no more.
    void begin_drain() { draining_ = true; }

private:
    bool is_ready() const;

    const membership::SnapshotKeeper& snapshots_;
    const membership::FleetWatch& fleet_;
    const nodes::NodeClient& nodes_;
    std::atomic<bool> draining_{false};
};

}  // namespace miroir::api
