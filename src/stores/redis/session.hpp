#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "connection.hpp"
#include "miroir/runtime/concurrency.hpp"
#include "miroir/runtime/io_threads.hpp"
#include "miroir/stores/redis/store.hpp"
#include "scripts.hpp"

namespace miroir::stores {

// Runs steps on a server, over one connection with a thread of its own: they are carried out and answered in
// the order of the calls. From any thread. Whatever goes wrong is StoreUnavailable.
class RedisSession {
public:
    RedisSession(RedisAddress address, RedisStoreOptions options);
    ~RedisSession();
    RedisSession(RedisSession&&) = delete;

    // One step of a script, atomic.
    Async<RedisReply> step(RedisScript script, std::vector<std::string> name_and_arguments);
    // One that takes no arguments.
    Async<RedisReply> step(RedisScript script, const char* name) {
        return step(script, std::vector<std::string>{name});
    }
    // A command of the server's own.
    Async<RedisReply> command(std::vector<std::string> command);

    const RedisStoreOptions& options() const { return options_; }
    Executor executor() const { return executor_; }

private:
    Async<RedisReply> run(std::vector<std::string> command, bool is_step, RedisScript script);
    Async<std::shared_ptr<RedisConnection>> usable_connection(Deadline deadline);
    Async<std::shared_ptr<RedisConnection>> connect(Deadline deadline);

    const RedisAddress address_;
    const RedisStoreOptions options_;
    runtime::IoThreads io_{1};
    const Executor executor_;
    // What it throws has been told to who waited for it.
    std::shared_ptr<runtime::TaskGroup> group_ =
        std::make_shared<runtime::TaskGroup>(executor_, [](const std::string&, const std::string&) {});
    std::shared_ptr<RedisConnection> connection_;
    std::array<std::string, redis_script_count> digests_;
    bool connecting_ = false;
    std::unique_ptr<runtime::Signal> connected_;
};

// Optional texts as the scripts take them.
std::string optional_argument(const std::optional<std::string>& text);
std::string optional_argument(const std::optional<std::int64_t>& number);

}  // namespace miroir::stores
