#pragma once

#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <list>
#include <memory>
#include <mutex>

#include "miroir/http/client.hpp"
#include "read_buffer.hpp"
#include "timed_socket.hpp"

namespace miroir::http {

struct ClientConnection {
    explicit ClientConnection(std::shared_ptr<TimedSocket> s);

    // False when the peer has closed it, or has sent what nobody asked for.
    bool quiet_and_open();

    std::shared_ptr<TimedSocket> stream;
    ReadBuffer buffer;
    SteadyTime idle_since{};
};

// The connections of one client that belong to one io_context, and who waits for one. Used on that context's
// thread.
class ClientPool : public std::enable_shared_from_this<ClientPool> {
public:
    // The right to one connection, and the connection once there is one.
    class Slot {
    public:
        Slot() = default;
        Slot(std::shared_ptr<ClientPool> pool, std::unique_ptr<ClientConnection> open)
            : connection(std::move(open)), pool_(std::move(pool)) {}
        Slot(Slot&&) noexcept = default;
        Slot& operator=(Slot&& other) noexcept {
            std::swap(connection, other.connection);
            std::swap(pool_, other.pool_);
            return *this;
        }
        // Closes the connection unless it has been kept.
        ~Slot() {
            if (pool_) pool_->release(nullptr);
        }
        explicit operator bool() const { return pool_ != nullptr; }
        // Back to the pool, to be used again.
        void keep() { std::exchange(pool_, nullptr)->release(std::move(connection)); }

        std::unique_ptr<ClientConnection> connection;

    private:
        std::shared_ptr<ClientPool> pool_;
    };

    // Registers with the context, whose end empties the pool.
    static std::shared_ptr<ClientPool> make(Executor executor, const ClientOptions& options);
    ClientPool(Executor executor, const ClientOptions& options)
        : executor_(std::move(executor)), options_(options) {}

    // Empty when every connection is in use.
    Slot try_acquire();
    // In the order of the calls. Empty when the deadline passed first.
    Async<Slot> acquire(Deadline deadline);

    // From any thread: idle connections are closed soon, and no more are kept.
    void close();
    // By the context's destructor.
    void die();
    bool dead() const;

private:
    struct Waiter {
        explicit Waiter(asio::steady_timer t) : timer(std::move(t)) {}
        asio::steady_timer timer;
        std::unique_ptr<Slot> granted;
    };
    void release(std::unique_ptr<ClientConnection> connection);
    void drop_stale();

    const Executor executor_;
    const ClientOptions options_;
    std::deque<std::unique_ptr<ClientConnection>> idle_;
    std::list<std::shared_ptr<Waiter>> waiters_;
    std::uint32_t open_ = 0;
    bool closed_ = false;
    mutable std::mutex mutex_;  // of dead_: a post must not race with the context's end
    bool dead_ = false;
};

}  // namespace miroir::http
