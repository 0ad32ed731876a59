#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "miroir/base/clock.hpp"
#include "miroir/coordination/store.hpp"
#include "miroir/coordination/store_limits.hpp"

namespace miroir::stores {

struct SqliteStoreOptions {
    // The store's clock: expiry, enqueuedAt and the catalog's times. Must outlive the store.
    const Clock* clock = &system_clock();
    coordination::StoreLimits limits;
    // How long a step waits for another process that has the file open (a backup).
    std::chrono::milliseconds lock_wait{5000};
    // Steps that wait for the database's thread; more are refused with StoreUnavailable.
    std::size_t queue_max = 4096;
};

// `sqlite:///absolute/path` or `sqlite://./relative/path`; makes the file and its folder. Throws
// std::runtime_error, with what to do, when the URL is wrong, another replica uses the file, or its schema is
// newer than this program. The store is thread safe and must outlive its calls.
std::unique_ptr<coordination::Store> open_sqlite_store(const std::string& url,
                                                       SqliteStoreOptions options = {});

}  // namespace miroir::stores
