#include "stores.hpp"

#include <atomic>
#include <map>
#include <mutex>

#include "miroir/stores/postgres/store.hpp"
#include "miroir/stores/redis/store.hpp"
#include "miroir/stores/sealed/store.hpp"
#include "miroir/stores/sqlite/store.hpp"
#include "temporary_folder.hpp"
#include "test_postgres.hpp"
#include "test_redis.hpp"

namespace miroir::contract {

namespace {

class MovedClock final : public Clock {
public:
    void move(std::chrono::microseconds by) { us_ += by.count(); }
    WallTime wall() const override { return {us_}; }
    SteadyTime steady() const override { return SteadyTime(std::chrono::microseconds(us_)); }

private:
    std::atomic<std::int64_t> us_{1'764'000'000'000'000};
};

class RunningSqlite final : public RunningStore {
public:
    explicit RunningSqlite(StoreLimits limits, bool sealed = false) : limits_(limits), sealed_(sealed) {
        open();
    }

    coordination::Store& replica(std::size_t) override { return *store_; }
    void restart() override {
        store_.reset();
        open();
    }
    void let_time_pass(std::chrono::milliseconds duration) override { clock_.move(duration); }

private:
    void open() {
        stores::SqliteStoreOptions options;
        options.clock = &clock_;
        options.limits = limits_;
        store_ = stores::open_sqlite_store("sqlite://" + (folder_.path() / "miroir.db").string(), options);
        if (sealed_) store_ = stores::seal_store(std::move(store_), Sealer({key_}, "contract"));
    }

    TemporaryFolder folder_;
    MovedClock clock_;
    StoreLimits limits_;
    const bool sealed_;
    const SealKey key_ = *seal_key_from_base64(random_seal_key());
    std::unique_ptr<coordination::Store> store_;
};

class RunningPostgres final : public RunningStore {
public:
    explicit RunningPostgres(StoreLimits limits) : limits_(limits) {
        replica(0);
        database_.stop_clock();
    }

    coordination::Store& replica(std::size_t number) override {
        const std::lock_guard lock(mutex_);
        auto& store = stores_[number];
        if (!store) {
            stores::PostgresStoreOptions options;
            options.connections = 3;
            options.limits = limits_;
            store = stores::open_postgres_store(database_.url(), options);
        }
        return *store;
    }
    void restart() override { stores_.clear(); }
    void let_time_pass(std::chrono::milliseconds duration) override { database_.move_clock(duration); }

private:
    TestPostgres database_;
    const StoreLimits limits_;
    std::mutex mutex_;
    std::map<std::size_t, std::unique_ptr<coordination::Store>> stores_;
};

class RunningRedis final : public RunningStore {
public:
    explicit RunningRedis(StoreLimits limits) : limits_(limits) { server_.stop_clock(); }

    coordination::Store& replica(std::size_t number) override {
        const std::lock_guard lock(mutex_);
        auto& store = stores_[number];
        if (!store) {
            auto options = server_.options();
            options.limits = limits_;
            store = stores::open_redis_store(server_.url(), options);
        }
        return *store;
    }
    void restart() override { stores_.clear(); }
    void let_time_pass(std::chrono::milliseconds duration) override { server_.move_clock(duration); }

private:
    TestRedis server_;
    const StoreLimits limits_;
    std::mutex mutex_;
    std::map<std::size_t, std::unique_ptr<coordination::Store>> stores_;
};

}  // namespace

std::vector<StoreUnderTest> every_store() {
    std::vector<StoreUnderTest> all = {
        {"Sqlite", [](StoreLimits limits) { return std::make_unique<RunningSqlite>(limits); }},
        {"SealedSqlite", [](StoreLimits limits) { return std::make_unique<RunningSqlite>(limits, true); }}};
    if (TestPostgres::is_there()) {
        all.push_back(
            {"Postgres", [](StoreLimits limits) { return std::make_unique<RunningPostgres>(limits); }});
    }
    if (TestRedis::is_there()) {
        all.push_back({"Redis", [](StoreLimits limits) { return std::make_unique<RunningRedis>(limits); }});
    }
    return all;
}

std::string store_name(const testing::TestParamInfo<StoreUnderTest>& info) {
    return info.param.name;
}

}  // namespace miroir::contract
