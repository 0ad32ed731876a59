#include "miroir/http/client.hpp"

#include <boost/asio/this_coro.hpp>
#include <shared_mutex>
#include <utility>

#include "client_pool.hpp"
#include "dial.hpp"
#include "origin.hpp"
#include "round_trip.hpp"

namespace miroir::http {

namespace {

class PooledClient final : public Client {
public:
    PooledClient(Origin origin, ClientOptions options)
        : shared_(std::make_shared<const Shared>(origin, options)) {}

    ~PooledClient() override {
        for (const auto& [context, pool] : pools_) pool->close();
    }

    Async<std::variant<Response, ExchangeFailure>> exchange(OutgoingRequest request,
                                                            Deadline deadline) override {
        const Executor executor = co_await asio::this_coro::executor;
        auto exchanged = exchange_in(pool_of(executor), shared_, std::move(request), deadline);
        Answer answer = co_await std::move(exchanged);
        if (std::holds_alternative<ExchangeFailure>(answer)) {
            // Our own cancelling is not the peer's failure.
            const auto state = co_await asio::this_coro::cancellation_state;
            if (state.cancelled() != asio::cancellation_type::none) {
                throw boost::system::system_error(asio::error::operation_aborted);
            }
        }
        co_return answer;
    }

private:
    struct Shared {
        Shared(Origin o, ClientOptions c) : origin(std::move(o)), options(c) {}
        Origin origin;
        ClientOptions options;
    };
    using Answer = std::variant<Response, ExchangeFailure>;

    // Holds nothing of the client itself, which may go while exchanges are under way.
    static Async<Answer> exchange_in(std::shared_ptr<ClientPool> pool, std::shared_ptr<const Shared> shared,
                                     OutgoingRequest request, Deadline deadline) {
        const std::string head = request_head(shared->origin, request);
        for (bool first_try = true;; first_try = false) {
            auto slot = pool->try_acquire();
            if (!slot && !deadline.passed()) slot = co_await pool->acquire(deadline);
            if (!slot) co_return refused("no connection came free before the deadline");
            if (!first_try) slot.connection.reset();
            const bool reused = slot.connection != nullptr;
            if (!reused) {
                const auto until = deadline.capped(shared->options.connect_timeout).at();
                auto dialled = co_await dial(shared->origin, until);
                if (auto* problem = std::get_if<std::string>(&dialled))
                    co_return refused(std::move(*problem));
                auto& stream = std::get<std::shared_ptr<TimedSocket>>(dialled);
                slot.connection = std::make_unique<ClientConnection>(std::move(stream));
            }
            if (deadline.passed()) {
                slot.keep();
                co_return refused("the deadline passed before anything was sent");
            }
            auto& stream = *slot.connection->stream;
            stream.expire_at(deadline.at());
            RoundTrip trip(*slot.connection, shared->options.response_bytes_max);
            auto answer = co_await trip.run(head, &request);
            if (std::holds_alternative<Response>(answer)) {
                stream.expire_at(SteadyTime::max());
                if (trip.reusable()) slot.keep();
                co_return answer;
            }
            // The peer may have closed a kept connection just before we used it.
            const bool unheard = !trip.anything_sent() || (request.repeatable && !trip.anything_received());
            const bool closed = reused && first_try && unheard && !stream.expired();
            if (!closed) co_return answer;
        }
    }

    static Answer refused(std::string detail) {
        return ExchangeFailure{ExchangeFault::not_connected, std::move(detail)};
    }

    std::shared_ptr<ClientPool> pool_of(const Executor& executor) {
        const void* context = &asio::query(executor, asio::execution::context);
        {
            const std::shared_lock lock(mutex_);
            for (const auto& [known, pool] : pools_) {
                if (known == context && !pool->dead()) return pool;
            }
        }
        const std::unique_lock lock(mutex_);
        std::erase_if(pools_, [](const auto& known) { return known.second->dead(); });
        return pools_.emplace_back(context, ClientPool::make(executor, shared_->options)).second;
    }

    const std::shared_ptr<const Shared> shared_;
    std::shared_mutex mutex_;
    std::vector<std::pair<const void*, std::shared_ptr<ClientPool>>> pools_;
};

}  // namespace

std::unique_ptr<Client> make_client(std::string base_url, ClientOptions options) {
    return std::make_unique<PooledClient>(parse_origin(base_url), options);
}

}  // namespace miroir::http
