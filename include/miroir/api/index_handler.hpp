#pragma once

#include <string>

#include "miroir/api/route.hpp"
#include "miroir/membership/snapshot_keeper.hpp"
#include "miroir/operations/control_operations.hpp"

namespace miroir::api {

// /indexes and /indexes/{uid}; reads are answered from the catalog.
class IndexHandler {
public:
    IndexHandler(const membership::SnapshotKeeper& snapshots, operations::ControlOperations& operations,
                 Executor control);

    Async<Result<http::Response>> list(http::Request request, auth::Grant grant);
    Async<Result<http::Response>> get(http::Request request, auth::Grant grant);
    Async<Result<http::Response>> create(http::Request request, auth::Grant grant);
    Async<Result<http::Response>> update(http::Request request, auth::Grant grant);
    Async<Result<http::Response>> remove(http::Request request, auth::Grant grant);
    Async<Result<http::Response>> swap(http::Request request, auth::Grant grant);
    Async<Result<http::Response>> compact(http::Request request, auth::Grant grant);

private:
    Async<Result<http::Response>> submit(operations::ControlRequest request);
    Async<Result<http::Response>> submit_bare(http::Request request, auth::Grant grant, std::string operation,
                                              std::string task_type, std::string details_json);

    const membership::SnapshotKeeper& snapshots_;
    operations::ControlOperations& operations_;
    Executor control_;
};

}  // namespace miroir::api
