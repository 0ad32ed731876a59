#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "miroir/coordination/store.hpp"
#include "miroir/coordination/store_limits.hpp"

namespace miroir::stores {

struct PostgresStoreOptions {
    // Connections of this replica; at least 2.
    std::size_t connections = 8;
    std::chrono::milliseconds connect_timeout{5000};
    // After which a statement is given up, and a connection whose server does not acknowledge anything.
    std::chrono::milliseconds statement_timeout{10'000};
    // How long a start waits for another replica that is changing the schema.
    std::chrono::milliseconds migration_timeout{60'000};
    coordination::StoreLimits limits;
    // Steps that wait for a connection; more are refused with StoreUnavailable.
    std::size_t queue_max = 4096;
};

// `postgres://user:password@host:port/database?sslmode=...`, as libpq reads it; PostgreSQL 13 or later.
// Creates the schema, or brings it up to date: of replicas that start together one does, the others wait.
// Throws std::runtime_error, never with the password in it, when the URL is wrong, the server cannot be
// reached or is too old, or its schema is newer than this program. The expiry of everything is by the
// server's clock. The store is thread safe and must outlive its calls; connections that broke are made anew
// by the next step.
std::unique_ptr<coordination::Store> open_postgres_store(const std::string& url,
                                                         PostgresStoreOptions options = {});

}  // namespace miroir::stores
