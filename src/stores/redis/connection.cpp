#include "connection.hpp"

#include <hiredis/hiredis.h>

#include <array>
#include <boost/asio/connect.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <stdexcept>

#include "miroir/runtime/before.hpp"

namespace miroir::stores {

namespace {

RedisReply copy_of(const redisReply& reply) {
    switch (reply.type) {
        case REDIS_REPLY_STRING:
        case REDIS_REPLY_STATUS:
            return RedisReply::of(RedisReply::Kind::text, std::string(reply.str, reply.len));
        case REDIS_REPLY_ERROR:
            return RedisReply::of(RedisReply::Kind::error, std::string(reply.str, reply.len));
        case REDIS_REPLY_INTEGER:
            return RedisReply::of(static_cast<std::int64_t>(reply.integer));
        case REDIS_REPLY_ARRAY: {
            std::vector<RedisReply> items;
            for (std::size_t i = 0; i < reply.elements; ++i) items.push_back(copy_of(*reply.element[i]));
            return RedisReply::of(std::move(items));
        }
        default:
            return RedisReply::nothing();
    }
}

std::string encoded(const std::vector<std::string>& command) {
    std::vector<const char*> texts;
    std::vector<std::size_t> sizes;
    for (const auto& part : command) {
        texts.push_back(part.data());
        sizes.push_back(part.size());
    }
    char* bytes = nullptr;
    const auto size =
        redisFormatCommandArgv(&bytes, static_cast<int>(command.size()), texts.data(), sizes.data());
    if (size < 0) throw std::runtime_error("a command for the coordination store cannot be written");
    std::string out(bytes, static_cast<std::size_t>(size));
    redisFreeCommand(bytes);
    return out;
}

}  // namespace

// Who waits for one answer.
struct RedisConnection::Waiter {
    explicit Waiter(const Executor& executor) : timer(executor) {}
    asio::steady_timer timer;
    bool answered = false;
    RedisReply reply;
};

RedisConnection::RedisConnection(Executor executor, std::shared_ptr<runtime::TaskGroup> group)
    : executor_(std::move(executor)),
      group_(std::move(group)),
      tls_context_(asio::ssl::context::tls_client),
      socket_(executor_),
      reader_(redisReaderCreate(), redisReaderFree) {}

RedisConnection::~RedisConnection() = default;

Async<std::shared_ptr<RedisConnection>> RedisConnection::connect(RedisAddress address, Deadline deadline,
                                                                 std::shared_ptr<runtime::TaskGroup> group) {
    const auto executor = co_await asio::this_coro::executor;
    std::shared_ptr<RedisConnection> connection(new RedisConnection(executor, std::move(group)));
    const auto where = address.host + ":" + address.port;
    auto opening = connection->open(address);
    if (!co_await runtime::before(deadline, std::move(opening))) {
        throw std::runtime_error("no connection to " + where + " in time");
    }
    connection->group_->spawn("redis reader", [connection]() { return read_forever(connection); });
    co_await log_in(connection, std::move(address), deadline);
    co_return connection;
}

Async<void> RedisConnection::open(RedisAddress address) {
    asio::ip::tcp::resolver resolver(executor_);
    const auto where = address.host + ":" + address.port;
    try {
        auto endpoints = co_await resolver.async_resolve(address.host, address.port, asio::use_awaitable);
        co_await asio::async_connect(socket_, endpoints, asio::use_awaitable);
        socket_.set_option(asio::ip::tcp::no_delay(true));
        socket_.set_option(asio::socket_base::keep_alive(true));
        if (address.tls) {
            tls_context_.set_default_verify_paths();
            tls_context_.set_verify_mode(asio::ssl::verify_peer);
            tls_ = std::make_unique<asio::ssl::stream<asio::ip::tcp::socket&>>(socket_, tls_context_);
            tls_->set_verify_callback(asio::ssl::host_name_verification(address.host));
            SSL_set_tlsext_host_name(tls_->native_handle(), address.host.c_str());
            co_await tls_->async_handshake(asio::ssl::stream_base::client, asio::use_awaitable);
        }
    } catch (const boost::system::system_error& error) {
        throw std::runtime_error("no connection to " + where + ": " + error.code().message());
    }
}

Async<void> RedisConnection::log_in(std::shared_ptr<RedisConnection> connection, RedisAddress address,
                                    Deadline deadline) {
    std::vector<std::vector<std::string>> commands;
    if (!address.password.empty()) {
        std::vector<std::string> command = {"AUTH"};
        if (!address.user.empty()) command.push_back(address.user);
        command.push_back(address.password);
        commands.push_back(std::move(command));
    }
    if (!address.database.empty() && address.database != "0")
        commands.push_back({"SELECT", address.database});
    commands.push_back({"CLIENT", "SETNAME", "miroir"});
    for (auto& command : commands) {
        const auto name = command.front();
        const auto reply = co_await connection->ask(std::move(command), deadline);
        if (reply.is_error()) {
            connection->close("refused");
            // The first word: what follows may repeat the arguments.
            throw std::runtime_error("its server refuses " + name + ": " +
                                     reply.text().substr(0, reply.text().find(' ')));
        }
    }
}

Async<RedisReply> RedisConnection::ask(std::vector<std::string> command, Deadline deadline) {
    if (!fault_.empty()) throw std::runtime_error(fault_);
    const auto self = shared_from_this();
    auto waiter = std::make_shared<Waiter>(executor_);
    waiter->timer.expires_at(deadline.at());
    outbox_ += encoded(command);
    waiters_.push_back(waiter);
    if (!writing_) {
        writing_ = true;
        group_->spawn("redis writer", [self]() { return write_all(self); });
    }
    boost::system::error_code ignored;
    co_await waiter->timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    if (!waiter->answered && fault_.empty() && !deadline.passed()) {
        throw boost::system::system_error(asio::error::operation_aborted);  // nobody waits any more
    }
    if (!waiter->answered && fault_.empty()) close("the coordination store does not answer in time");
    if (!waiter->answered) throw std::runtime_error(fault_);
    co_return std::move(waiter->reply);
}

void RedisConnection::close(const std::string& why) {
    if (!fault_.empty()) return;
    fault_ = why;
    boost::system::error_code ignored;
    // What has not reached the server must not do so any more: it may have been given up and sent again.
    socket_.set_option(asio::socket_base::linger(true, 0), ignored);
    socket_.close(ignored);
    for (const auto& waiter : waiters_) waiter->timer.cancel();
    waiters_.clear();
}

void RedisConnection::take_replies() {
    for (;;) {
        void* parsed = nullptr;
        if (redisReaderGetReply(reader_.get(), &parsed) != REDIS_OK) {
            return close("the coordination store answers what is no Redis protocol");
        }
        if (parsed == nullptr) return;
        const std::unique_ptr<void, void (*)(void*)> held(parsed, freeReplyObject);
        if (waiters_.empty()) return close("the coordination store answers what nobody asked");
        const auto waiter = std::move(waiters_.front());
        waiters_.pop_front();
        waiter->reply = copy_of(*static_cast<redisReply*>(parsed));
        waiter->answered = true;
        waiter->timer.cancel();
    }
}

Async<void> RedisConnection::read_forever(std::shared_ptr<RedisConnection> self) {
    std::array<char, 65536> buffer;
    while (self->is_usable()) {
        boost::system::error_code error;
        const auto into = asio::buffer(buffer);
        auto token = asio::redirect_error(asio::use_awaitable, error);
        std::size_t size = 0;
        if (self->tls_) {
            size = co_await self->tls_->async_read_some(into, token);
        } else {
            size = co_await self->socket_.async_read_some(into, token);
        }
        if (error) {
            self->close("the connection to the coordination store broke: " + error.message());
            co_return;
        }
        redisReaderFeed(self->reader_.get(), buffer.data(), size);
        self->take_replies();
    }
}

// What comes while it writes goes out together afterwards.
Async<void> RedisConnection::write_all(std::shared_ptr<RedisConnection> self) {
    while (!self->outbox_.empty() && self->is_usable()) {
        const auto bytes = std::exchange(self->outbox_, {});
        boost::system::error_code error;
        const auto from = asio::buffer(bytes);
        auto token = asio::redirect_error(asio::use_awaitable, error);
        if (self->tls_) {
            co_await asio::async_write(*self->tls_, from, token);
        } else {
            co_await asio::async_write(self->socket_, from, token);
        }
        if (error) self->close("the connection to the coordination store broke: " + error.message());
    }
    self->writing_ = false;
}

}  // namespace miroir::stores
