#include "miroir/stores/sqlite/store.hpp"

#include <filesystem>
#include <stdexcept>
#include <string_view>

#include "connection.hpp"
#include "file_lock.hpp"
#include "migrations.hpp"
#include "miroir/base/hash.hpp"
#include "miroir/sqlite/migrator.hpp"
#include "miroir/stores/sql/store.hpp"

namespace miroir::stores {

namespace {

// One connection, for one replica; its session has one thread.
class SqliteDatabase final : public SqlDatabase, private SqlConnections {
public:
    SqliteDatabase(const std::string& path, const SqliteStoreOptions& options)
        : lock_(path), connection_(path, {.lock_wait = options.lock_wait}, *options.clock) {
        sqlite::migrate(connection_.raw(), sqlite_schema::migrations());
        connection_.raw().run("INSERT OR IGNORE INTO facts (name, value) VALUES ('incarnation', ?)",
                              random_hex(16));
        // The lock on the file says that no earlier replica is alive.
        connection_.raw().run("DELETE FROM peers");
    }

    SqlConnections& connections() override { return *this; }
    std::string backend() const override { return "sqlite"; }
    std::string mode() const override { return "single-process"; }

private:
    SqlConnection& take() override { return connection_; }
    void give_back(SqlConnection&) override {}

    FileLock lock_;
    SqliteConnection connection_;
};

std::filesystem::path path_in(std::string_view url) {
    constexpr std::string_view absolute = "sqlite:///";
    constexpr std::string_view relative = "sqlite://./";
    if (url.size() > relative.size() && url.starts_with(relative)) return url.substr(relative.size() - 2);
    if (url.size() > absolute.size() && url.starts_with(absolute)) return url.substr(absolute.size() - 1);
    throw std::runtime_error("'" + std::string(url) +
                             "' is no SQLite URL: write sqlite:///absolute/path or sqlite://./relative/path");
}

}  // namespace

std::unique_ptr<coordination::Store> open_sqlite_store(const std::string& url, SqliteStoreOptions options) {
    const std::filesystem::path path = path_in(url);
    std::error_code failed;
    std::filesystem::create_directories(path.parent_path(), failed);
    if (failed) {
        throw std::runtime_error("cannot make the folder " + path.parent_path().string() +
                                 " of the coordination database: " + failed.message());
    }
    SqlSessionOptions session;
    session.queue_max = options.queue_max;
    session.thread_name = "sqlite";
    session.limits = options.limits;
    return make_sql_store(std::make_unique<SqliteDatabase>(path.string(), options), std::move(session));
}

}  // namespace miroir::stores
