#pragma once

#include <memory>
#include <optional>
#include <string>

#include "miroir/api/route.hpp"
#include "miroir/meili/requests.hpp"
#include "miroir/membership/snapshot_keeper.hpp"
#include "miroir/nodes/node_client.hpp"
#include "miroir/scatter/scatter.hpp"

namespace miroir::api {

// /stats and /indexes/{uid}/stats. Documents are counted exactly (each shard once); what nodes only tell for
// all their copies together is scaled down by documents per copy held.
class StatsHandler {
public:
    StatsHandler(const membership::SnapshotKeeper& snapshots, scatter::Scatter& scatter,
                 nodes::NodeClient& nodes);

    Async<Result<http::Response>> of_index(http::Request request, auth::Grant grant);
    Async<Result<http::Response>> of_all(http::Request request, auth::Grant grant);

private:
    struct Counted {
        std::uint64_t documents = 0;
        std::string degraded;  // for X-Miroir-Degraded
    };
    struct Told {
        std::string json;
        std::string degraded;
    };
    Async<Result<Told>> index_stats(cluster::SnapshotPtr snapshot,
                                    std::shared_ptr<const cluster::IndexEntry> index, meili::StatsQuery query,
                                    auth::Grant grant, Deadline deadline);
    Async<Result<Counted>> count(cluster::SnapshotPtr snapshot,
                                 std::shared_ptr<const cluster::IndexEntry> index,
                                 std::optional<std::string> injected_filter, Deadline deadline);

    const membership::SnapshotKeeper& snapshots_;
    scatter::Scatter& scatter_;
    nodes::NodeClient& nodes_;
};

}  // namespace miroir::api
