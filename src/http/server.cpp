#include "miroir/http/server.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <list>
#include <system_error>

#include "connection.hpp"
#include "miroir/runtime/concurrency.hpp"
#include "miroir/runtime/gather.hpp"
#include "miroir/runtime/on_executor.hpp"
#include "server_state.hpp"

namespace miroir::http {

namespace {

using asio::ip::tcp;

constexpr auto as_values = asio::as_tuple(asio::deferred);
constexpr std::chrono::milliseconds accept_pause{100};

// The connections of one I/O thread; touched there only.
class Lane : public std::enable_shared_from_this<Lane> {
public:
    Lane(Executor executor, std::shared_ptr<ServerState> server)
        : executor_(executor),
          server_(std::move(server)),
          departures_(std::make_shared<DepartureWatch>(executor, server_->options.departure_interval)),
          one_ended_(executor) {}

    const Executor& executor() const { return executor_; }

    void start(tcp::socket socket) {
        if (closed_) return count_ended();
        auto open = open_.emplace(open_.end());
        auto cancel = [open] { open->cancel.emit(asio::cancellation_type::terminal); };
        open->connection =
            std::make_unique<Connection>(std::move(socket), server_, departures_, std::move(cancel));
        auto ended = [self = shared_from_this(), open](std::exception_ptr) {
            // Posted: the coroutine that ends here still refers to the signal.
            asio::post(self->executor_, [self, open] {
                self->open_.erase(open);
                self->count_ended();
                self->one_ended_.notify_all();
            });
        };
        auto token = asio::bind_cancellation_slot(open->cancel.slot(), std::move(ended));
        asio::co_spawn(executor_, open->connection->run(), std::move(token));
    }

    static Async<void> drain(std::shared_ptr<Lane> self, Deadline deadline) {
        for (auto& open : self->open_) {
            if (open.connection->idle()) open.connection->close();
        }
        while (!self->open_.empty() && !deadline.passed()) co_await self->one_ended_.wait(deadline.left());
        co_await close_all(self);
    }

    static Async<void> close_all(std::shared_ptr<Lane> self) {
        self->cancel_all();
        while (!self->open_.empty()) co_await self->one_ended_.wait(std::chrono::hours(1));
    }

    // Whatever still comes is closed at once.
    void cancel_all() {
        closed_ = true;
        for (auto& open : open_) {
            open.connection->close();
            open.cancel.emit(asio::cancellation_type::terminal);
        }
    }

private:
    struct Open {
        std::unique_ptr<Connection> connection;
        asio::cancellation_signal cancel;
    };

    void count_ended() {
        --server_->connections;
        server_->connections_gauge.add(-1);
    }

    Executor executor_;
    std::shared_ptr<ServerState> server_;
    std::shared_ptr<DepartureWatch> departures_;
    runtime::Signal one_ended_;
    std::list<Open> open_;
    bool closed_ = false;
};

using Lanes = std::vector<std::shared_ptr<Lane>>;

Async<void> accept_connections(std::shared_ptr<tcp::acceptor> acceptor, std::shared_ptr<ServerState> server,
                               Lanes lanes) {
    std::size_t next = 0;
    while (acceptor->is_open()) {
        const auto lane = lanes[next];
        auto [error, socket] = co_await acceptor->async_accept(lane->executor(), as_values);
        if (!acceptor->is_open()) co_return;
        if (error == asio::error::connection_aborted) continue;
        if (error) {
            // Typically out of file descriptors: some will come free.
            server->log.warn("cannot accept a connection", {{"error", error.message()}});
            co_await runtime::sleep_for(accept_pause);
            continue;
        }
        if (server->connections >= server->options.limits.connections_max) {
            server->too_many_connections.add();
            continue;
        }
        ++server->connections;
        server->connections_gauge.add(1);
        next = (next + 1) % lanes.size();
        asio::post(lane->executor(),
                   [lane, moved = std::move(socket)]() mutable { lane->start(std::move(moved)); });
    }
}

std::shared_ptr<tcp::acceptor> bound_acceptor(const Executor& executor, const ServerOptions& options) {
    try {
        const auto address = asio::ip::make_address(options.address);
        const tcp::endpoint endpoint(address, options.port);
        auto acceptor = std::make_shared<tcp::acceptor>(executor);
        acceptor->open(endpoint.protocol());
        acceptor->set_option(tcp::acceptor::reuse_address(true));
        acceptor->bind(endpoint);
        acceptor->listen();
        return acceptor;
    } catch (const boost::system::system_error& e) {
        throw std::system_error(static_cast<std::error_code>(e.code()),
                                "cannot listen on " + options.address + ":" + std::to_string(options.port));
    }
}

class SocketServer final : public Server {
public:
    SocketServer(std::shared_ptr<tcp::acceptor> acceptor, std::shared_ptr<ServerState> state, Lanes lanes)
        : acceptor_(std::move(acceptor)),
          port_(acceptor_->local_endpoint().port()),
          state_(std::move(state)),
          lanes_(std::move(lanes)),
          accept_executor_(acceptor_->get_executor()) {}

    ~SocketServer() override {
        if (drained_) return;
        asio::post(accept_executor_, [acceptor = acceptor_] { close(*acceptor); });
        for (const auto& lane : lanes_) asio::post(lane->executor(), [lane] { lane->cancel_all(); });
    }

    std::uint16_t port() const override { return port_; }

    Async<void> drain(Deadline deadline) override {
        state_->draining = true;
        auto stop_accepting = [](std::shared_ptr<tcp::acceptor> acceptor) -> Async<void> {
            close(*acceptor);
            co_return;
        };
        auto stopped = stop_accepting(acceptor_);
        co_await runtime::on_executor(accept_executor_, std::move(stopped));

        std::vector<Async<void>> drains;
        for (const auto& lane : lanes_) {
            drains.push_back(runtime::on_executor(lane->executor(), Lane::drain(lane, deadline)));
        }
        co_await runtime::gather(std::move(drains));
        drained_ = true;
    }

private:
    static void close(tcp::acceptor& acceptor) {
        boost::system::error_code ignored;
        acceptor.close(ignored);
    }

    std::shared_ptr<tcp::acceptor> acceptor_;
    std::uint16_t port_;
    std::shared_ptr<ServerState> state_;
    Lanes lanes_;
    Executor accept_executor_;
    bool drained_ = false;
};

}  // namespace

std::unique_ptr<Server> start_server(std::vector<Executor> executors, ServerOptions options, Handler handler,
                                     FaultRenderer renderer, Log& log, Metrics& metrics) {
    auto acceptor = bound_acceptor(executors.at(0), options);
    auto state = std::make_shared<ServerState>(std::move(options), std::move(handler), std::move(renderer),
                                               log, metrics);
    Lanes lanes;
    for (const auto& executor : executors) lanes.push_back(std::make_shared<Lane>(executor, state));
    auto server = std::make_unique<SocketServer>(acceptor, state, lanes);
    asio::co_spawn(executors[0], accept_connections(acceptor, state, lanes),
                   [state](std::exception_ptr error) {
                       if (error) state->log.error("no more connections are accepted");
                   });
    return server;
}

}  // namespace miroir::http
