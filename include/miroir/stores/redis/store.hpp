#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "miroir/coordination/store.hpp"
#include "miroir/coordination/store_limits.hpp"

namespace miroir::stores {

struct RedisStoreOptions {
    std::chrono::milliseconds connect_timeout{5'000};
    // After which a step is given up, with the connection it waits on.
    std::chrono::milliseconds step_timeout{10'000};
    coordination::StoreLimits limits;
    // Steps that wait for their answer; more are refused with StoreUnavailable.
    std::size_t queue_max = 4096;
    // Refuse a server that could forget what it acknowledged (appendonly, appendfsync always, noeviction).
    bool require_durable = false;
    // Told when such a server is not refused.
    std::function<void(const std::string&)> warn;
    // Tests: a Lua function `now` in place of the server's clock.
    std::string clock_lua;
};

// `redis://user:password@host:port/database?prefix=name`, `rediss://` with TLS; Redis 6.2 or later. All keys
// begin with the prefix (`miroir` without one), so that several clusters may share a server. Throws
// std::runtime_error, never with the password in it, when the URL is wrong, the server cannot be reached or
// is too old, or what it holds was made by a newer program. The expiry of everything is by the server's
// clock. The store is thread safe and must outlive its calls; a connection that broke is made anew by the
// next step.
std::unique_ptr<coordination::Store> open_redis_store(const std::string& url, RedisStoreOptions options = {});

}  // namespace miroir::stores
