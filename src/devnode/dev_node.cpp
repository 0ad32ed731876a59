#include "miroir/devnode/dev_node.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

#include "devnode/api.hpp"
#include "devnode/engine.hpp"
#include "miroir/http/server.hpp"
#include "miroir/meili/error.hpp"
#include "miroir/runtime/blocking_pool.hpp"

namespace miroir::devnode {

namespace {

constexpr std::size_t request_threads = 4;
constexpr std::size_t requests_waiting_max = 1'000;
constexpr std::chrono::milliseconds drain_time{2'000};

http::Response render_fault(http::ServerFault fault, const http::Request&, const std::string& detail) {
    ApiError error;
    switch (fault) {
        case http::ServerFault::payload_too_large:
            error = meili::error("payload_too_large",
                                 "The provided payload reached the size limit. The maximum "
                                 "accepted payload size is 100 MB.");
            break;
        case http::ServerFault::body_incomplete:
            error = meili::error("bad_request", "The provided payload is incomplete and cannot be parsed");
            break;
        case http::ServerFault::headers_too_large:
        case http::ServerFault::malformed_request:
            error = meili::error("bad_request", detail);
            break;
        case http::ServerFault::overloaded:
            error = meili::error("too_many_search_requests",
                                 "Too many search requests running at the same time: 1000. Retry after 10s.");
            break;
        case http::ServerFault::internal:
            error = meili::error("internal", "An internal error has occurred. `" + detail + "`.");
            break;
    }
    return http::json_response(meili::to_json(error), error.status);
}

class RunningDevNode : public DevNode {
public:
    RunningDevNode(DevNodeOptions options, std::vector<Executor> executors, const Clock& clock, Log& log,
                   Metrics& metrics)
        : executor_(executors.front()),
          engine_({options.directory, options.task_delay}, clock, log),
          pool_(std::make_unique<runtime::BlockingPool>(request_threads, requests_waiting_max, "dev-node")),
          api_(engine_, options.master_key, *pool_, clock) {
        http::ServerOptions server;
        server.address = options.address;
        server.port = options.port;
        auto handler = [this](http::Request request) { return api_.handle(std::move(request)); };
        server_ =
            http::start_server(std::move(executors), server, std::move(handler), render_fault, log, metrics);
        port_ = server_->port();
    }

    ~RunningDevNode() override { stop(); }

    std::uint16_t port() const override { return port_; }

    void stop() override {
        if (!server_) {
            return;
        }
        asio::co_spawn(executor_, server_->drain(Deadline::in(drain_time)), asio::use_future).get();
        server_.reset();
        // Requests that were cut off may still be at work.
        pool_.reset();
    }

private:
    Executor executor_;
    Engine engine_;
    std::unique_ptr<runtime::BlockingPool> pool_;
    Api api_;
    std::unique_ptr<http::Server> server_;
    std::uint16_t port_ = 0;
};

}  // namespace

std::unique_ptr<DevNode> start_dev_node(DevNodeOptions options, std::vector<Executor> executors,
                                        const Clock& clock, Log& log, Metrics& metrics) {
    return std::make_unique<RunningDevNode>(std::move(options), std::move(executors), clock, log, metrics);
}

}  // namespace miroir::devnode
