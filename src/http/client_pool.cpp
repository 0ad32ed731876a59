#include "client_pool.hpp"

#include <sys/socket.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <vector>

namespace miroir::http {

namespace {

constexpr std::size_t buffer_bytes = 16 * 1024;

// Tells the pools of a context when it ends.
class PoolsOfContext final : public asio::execution_context::service {
public:
    using key_type = PoolsOfContext;
    static inline asio::execution_context::id id;

    explicit PoolsOfContext(asio::execution_context& context) : service(context) {}

    void add(const std::shared_ptr<ClientPool>& pool) {
        const std::lock_guard lock(mutex_);
        std::erase_if(pools_, [](const auto& known) { return known.expired(); });
        pools_.push_back(pool);
    }

private:
    void shutdown() noexcept override {
        for (const auto& known : pools_) {
            if (const auto pool = known.lock()) pool->die();
        }
    }

    std::mutex mutex_;
    std::vector<std::weak_ptr<ClientPool>> pools_;
};

}  // namespace

ClientConnection::ClientConnection(std::shared_ptr<TimedSocket> s)
    : stream(std::move(s)), buffer(buffer_bytes) {}

bool ClientConnection::quiet_and_open() {
    char byte = 0;
    const auto got = ::recv(stream->socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

std::shared_ptr<ClientPool> ClientPool::make(Executor executor, const ClientOptions& options) {
    auto pool = std::make_shared<ClientPool>(executor, options);
    asio::use_service<PoolsOfContext>(asio::query(executor, asio::execution::context)).add(pool);
    return pool;
}

void ClientPool::drop_stale() {
    const auto oldest = system_clock().steady() - options_.idle_timeout;
    while (!idle_.empty() && idle_.front()->idle_since < oldest) {
        idle_.pop_front();
        --open_;
    }
}

ClientPool::Slot ClientPool::try_acquire() {
    drop_stale();
    while (!idle_.empty()) {
        auto connection = std::move(idle_.back());
        idle_.pop_back();
        if (connection->quiet_and_open()) return Slot(shared_from_this(), std::move(connection));
        --open_;
    }
    if (open_ >= options_.connections_per_thread_max) return Slot();
    ++open_;
    return Slot(shared_from_this(), nullptr);
}

Async<ClientPool::Slot> ClientPool::acquire(Deadline deadline) {
    const auto self = shared_from_this();
    asio::steady_timer timer(executor_, deadline.at());
    const auto waiter = std::make_shared<Waiter>(std::move(timer));
    struct InLine {
        ClientPool& pool;
        std::list<std::shared_ptr<Waiter>>::iterator place;
        ~InLine() { pool.waiters_.erase(place); }
    };
    const InLine in_line{*self, self->waiters_.insert(self->waiters_.end(), waiter)};

    co_await waiter->timer.async_wait(asio::as_tuple(asio::deferred));

    if (!waiter->granted) co_return Slot();
    co_return std::move(*waiter->granted);
}

void ClientPool::release(std::unique_ptr<ClientConnection> connection) {
    if (dead()) return;
    for (const auto& waiter : waiters_) {
        if (waiter->granted) continue;
        waiter->granted = std::make_unique<Slot>(shared_from_this(), std::move(connection));
        waiter->timer.cancel();
        return;
    }
    if (!connection || closed_) {
        --open_;
        return;
    }
    connection->idle_since = system_clock().steady();
    idle_.push_back(std::move(connection));
    drop_stale();
}

void ClientPool::close() {
    const std::lock_guard lock(mutex_);
    if (dead_) return;
    asio::post(executor_, [self = shared_from_this()] {
        self->closed_ = true;
        self->open_ -= static_cast<std::uint32_t>(self->idle_.size());
        self->idle_.clear();
    });
}

void ClientPool::die() {
    const std::lock_guard lock(mutex_);
    dead_ = true;
    idle_.clear();
}

bool ClientPool::dead() const {
    const std::lock_guard lock(mutex_);
    return dead_;
}

}  // namespace miroir::http
