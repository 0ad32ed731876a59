#pragma once

#include <string>

#include "miroir/api/route.hpp"
#include "miroir/coordination/task_registry.hpp"
#include "miroir/operations/task_operations.hpp"

namespace miroir::api {

// One task as clients see it (JSON).
std::string task_json(const coordination::TaskRecord& task);

// /tasks: list, one, cancel, delete; and the per-node breakdown for operators.
class TaskHandler {
public:
    TaskHandler(coordination::TaskRegistry& tasks, operations::TaskOperations& operations, Executor control);

    Async<Result<http::Response>> list(http::Request request, auth::Grant grant);
    Async<Result<http::Response>> get(http::Request request, auth::Grant grant);
    Async<Result<http::Response>> cancel(http::Request request, auth::Grant grant);
    Async<Result<http::Response>> remove(http::Request request, auth::Grant grant);
    Async<Result<http::Response>> breakdown(http::Request request, auth::Grant grant);

private:
    Async<std::optional<std::uint64_t>> total_without(auth::Grant grant, coordination::TaskFilter filter);
    Async<coordination::TaskFilter> allowed_part(coordination::TaskFilter filter, auth::Grant grant);

    coordination::TaskRegistry& tasks_;
    operations::TaskOperations& operations_;
    Executor control_;
};

}  // namespace miroir::api
