#include "open_store.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <optional>
#include <vector>

#include "miroir/base/seal.hpp"
#include "miroir/stores/postgres/store.hpp"
#include "miroir/stores/redis/store.hpp"
#include "miroir/stores/sealed/store.hpp"
#include "miroir/stores/sqlite/store.hpp"

namespace miroir::app {

namespace {

// The configured key seals; the one that the store has kept from a time without it still opens.
Async<std::vector<SealKey>> seal_keys(coordination::SecretStore* secrets, std::string configured) {
    const std::string name = "seal key";
    std::vector<SealKey> keys;
    std::optional<std::string> kept;
    if (configured.empty()) {
        auto fresh = random_seal_key();
        kept = co_await secrets->keep(name, std::move(fresh));
    } else {
        keys.push_back(*seal_key_from_base64(configured));
        kept = co_await secrets->find(name);
    }
    if (kept) {
        keys.push_back(*seal_key_from_base64(*kept));
    }
    co_return keys;
}

coordination::StoreLimits limits_of(const Configuration& c) {
    coordination::StoreLimits limits;
    limits.open_entries_max = c.limits.open_entries_max;
    limits.dirty_ids_max = c.limits.dirty_ids_max;
    limits.claims_max = c.idempotency.max_keys;
    limits.claim_ttl = c.idempotency.keep;
    return limits;
}

std::unique_ptr<coordination::Store> open_redis(const Configuration& c, Log& log) {
    stores::RedisStoreOptions options;
    options.step_timeout = c.coordination.timeout;
    options.limits = limits_of(c);
    options.require_durable = c.environment == Environment::prod;
    options.warn = [&log](const std::string& what) { log.warn(what); };
    return stores::open_redis_store(c.coordination.url, options);
}

std::unique_ptr<coordination::Store> open_backend(const Configuration& c, Log& log) {
    if (c.coordination.url.starts_with("redis")) {
        return open_redis(c, log);
    }
    if (c.coordination.url.starts_with("postgres")) {
        stores::PostgresStoreOptions options;
        options.connections = c.coordination.connections;
        options.statement_timeout = c.coordination.timeout;
        options.limits = limits_of(c);
        return stores::open_postgres_store(c.coordination.url, options);
    }
    stores::SqliteStoreOptions options;
    options.limits = limits_of(c);
    return stores::open_sqlite_store(c.coordination.url, options);
}

}  // namespace

std::unique_ptr<coordination::Store> open_store(const Configuration& configuration, const Executor& control,
                                                Log& log) {
    auto store = open_backend(configuration, log);
    auto seals =
        asio::co_spawn(control, seal_keys(&store->secrets(), configuration.seal_key), asio::use_future);
    const auto keys = seals.get();
    return stores::seal_store(std::move(store), Sealer(keys, "settings"));
}

}  // namespace miroir::app
