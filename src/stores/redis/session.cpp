#include "session.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <stdexcept>

#include "miroir/coordination/store_error.hpp"
#include "miroir/runtime/on_executor.hpp"

namespace miroir::stores {

using coordination::StoreUnavailable;

RedisSession::RedisSession(RedisAddress address, RedisStoreOptions options)
    : address_(std::move(address)),
      options_(std::move(options)),
      executor_(io_.executors().front()),
      connected_(std::make_unique<runtime::Signal>(executor_)) {}

RedisSession::~RedisSession() {
    auto close = [this]() -> Async<void> {
        if (connection_) connection_->close("closed");
        connection_.reset();
        connected_.reset();
        co_await group_->stop();
    };
    asio::co_spawn(executor_, close(), asio::use_future).get();
    io_.stop();
}

Async<RedisReply> RedisSession::step(RedisScript script, std::vector<std::string> name_and_arguments) {
    auto call = run(std::move(name_and_arguments), true, script);
    return runtime::on_executor(executor_, std::move(call));
}

Async<RedisReply> RedisSession::command(std::vector<std::string> command) {
    auto call = run(std::move(command), false, RedisScript::small);
    return runtime::on_executor(executor_, std::move(call));
}

Async<RedisReply> RedisSession::run(std::vector<std::string> command, bool is_step, RedisScript script) {
    const auto deadline = Deadline::in(options_.step_timeout);
    try {
        const auto connection = co_await usable_connection(deadline);
        if (connection->waiting() >= options_.queue_max) {
            throw std::runtime_error("too many steps wait for the coordination store");
        }
        if (is_step) {
            const auto& digest = digests_.at(static_cast<std::size_t>(script));
            const std::vector<std::string> head = {"EVALSHA", digest, "1", "{" + address_.prefix + "}:"};
            command.insert(command.begin(), head.begin(), head.end());
        }
        auto reply = co_await connection->ask(std::move(command), deadline);
        if (reply.is_error()) {
            // The next connection brings the scripts that are gone, or finds the server that leads now.
            for (const auto* reason : {"NOSCRIPT", "READONLY", "MASTERDOWN"}) {
                if (reply.text().starts_with(reason)) connection->close(reason);
            }
            throw std::runtime_error(reply.text());
        }
        co_return reply;
    } catch (const boost::system::system_error&) {
        throw;
    } catch (const std::exception& fault) {
        throw StoreUnavailable(fault.what());
    }
}

// Of those that need a connection at once, one makes it.
Async<std::shared_ptr<RedisConnection>> RedisSession::usable_connection(Deadline deadline) {
    if (connection_ && connection_->is_usable()) co_return connection_;
    if (connecting_) {
        const auto left = deadline.left();
        co_await connected_->wait(left);
        if (connection_ && connection_->is_usable()) co_return connection_;
        throw std::runtime_error("no connection to the coordination store");
    }
    connecting_ = true;
    const auto soon = deadline.capped(options_.connect_timeout);
    std::exception_ptr fault;
    try {
        connection_ = co_await connect(soon);
    } catch (...) {
        fault = std::current_exception();
    }
    connecting_ = false;
    connected_->notify_all();
    if (fault) std::rethrow_exception(fault);
    co_return connection_;
}

Async<std::shared_ptr<RedisConnection>> RedisSession::connect(Deadline deadline) {
    auto connection = co_await RedisConnection::connect(address_, deadline, group_);
    for (std::size_t i = 0; i < redis_script_count; ++i) {
        std::vector<std::string> command = {"SCRIPT", "LOAD",
                                            source_of(static_cast<RedisScript>(i), options_.clock_lua)};
        const auto digest = co_await connection->ask(std::move(command), deadline);
        if (!digest.is_text()) throw std::runtime_error("its server refuses a script: " + digest.text());
        digests_.at(i) = digest.text();
    }
    co_return connection;
}

std::string optional_argument(const std::optional<std::string>& text) {
    return text ? "=" + *text : "";
}

std::string optional_argument(const std::optional<std::int64_t>& number) {
    return number ? "=" + std::to_string(*number) : "";
}

}  // namespace miroir::stores
