#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "miroir/base/clock.hpp"
#include "miroir/runtime/async.hpp"
#include "miroir/runtime/concurrency.hpp"
#include "reply.hpp"
#include "url.hpp"

struct redisReader;

namespace miroir::stores {

// One connection to a server: commands are sent in the order of the calls, as soon as they come, and answered
// in that order. All calls on the executor that made it. Once anything went wrong, every call fails: another
// connection is needed.
class RedisConnection : public std::enable_shared_from_this<RedisConnection> {
public:
    // Connected, logged in and in its database; `group` runs what reads and writes. Throws
    // std::runtime_error, without the password.
    static Async<std::shared_ptr<RedisConnection>> connect(RedisAddress address, Deadline deadline,
                                                           std::shared_ptr<runtime::TaskGroup> group);

    ~RedisConnection();
    RedisConnection(RedisConnection&&) = delete;

    // The answer, which may be an error of the server. Throws std::runtime_error when there is none in time:
    // whether the command was carried out is not known then.
    Async<RedisReply> ask(std::vector<std::string> command, Deadline deadline);

    bool is_usable() const { return fault_.empty(); }
    std::size_t waiting() const { return waiters_.size(); }
    void close(const std::string& why);

private:
    struct Waiter;
    RedisConnection(Executor executor, std::shared_ptr<runtime::TaskGroup> group);

    static Async<void> log_in(std::shared_ptr<RedisConnection> connection, RedisAddress address,
                              Deadline deadline);
    Async<void> open(RedisAddress address);
    // Keep the connection alive until it is closed.
    static Async<void> read_forever(std::shared_ptr<RedisConnection> self);
    static Async<void> write_all(std::shared_ptr<RedisConnection> self);
    void take_replies();

    Executor executor_;
    std::shared_ptr<runtime::TaskGroup> group_;
    asio::ssl::context tls_context_;
    asio::ip::tcp::socket socket_;
    std::unique_ptr<asio::ssl::stream<asio::ip::tcp::socket&>> tls_;
    std::unique_ptr<redisReader, void (*)(redisReader*)> reader_;
    std::deque<std::shared_ptr<Waiter>> waiters_;
    std::string outbox_;
    bool writing_ = false;
    std::string fault_;
};

}  // namespace miroir::stores
