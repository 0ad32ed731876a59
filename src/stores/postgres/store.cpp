#include "miroir/stores/postgres/store.hpp"

#include <mutex>
#include <stdexcept>
#include <vector>

#include "connection.hpp"
#include "connection_url.hpp"
#include "migrator.hpp"
#include "miroir/stores/sql/store.hpp"

namespace miroir::stores {

namespace {

constexpr std::int64_t oldest_server = 130'000;

class PostgresDatabase final : public SqlDatabase, private SqlConnections {
public:
    PostgresDatabase(const std::string& url, const PostgresStoreOptions& options)
        : url_(url), conninfo_(connection_url(url, options)), options_(options) {
        try {
            auto& connection = static_cast<PostgresConnection&>(take());
            check_server(connection);
            migrate(connection, options.migration_timeout);
            give_back(connection);
        } catch (const std::exception& fault) {
            throw std::runtime_error("cannot use the coordination database: " +
                                     without_password(fault.what(), url_));
        }
    }

    SqlConnections& connections() override { return *this; }
    std::string backend() const override { return "postgres"; }
    std::string mode() const override { return "shared"; }

private:
    SqlConnection& take() override {
        {
            const std::lock_guard lock(mutex_);
            if (!idle_.empty()) {
                auto& connection = *idle_.back();
                busy_.push_back(std::move(idle_.back()));
                idle_.pop_back();
                return connection;
            }
        }
        auto made = connect();
        const std::lock_guard lock(mutex_);
        return *busy_.emplace_back(std::move(made));
    }

    void give_back(SqlConnection& connection) override {
        std::unique_ptr<PostgresConnection> broken;
        const std::lock_guard lock(mutex_);
        for (auto& held : busy_) {
            if (held.get() != &connection) continue;
            std::swap(held, busy_.back());
            auto& target = busy_.back()->is_usable() ? idle_.emplace_back() : broken;
            target = std::move(busy_.back());
            busy_.pop_back();
            return;
        }
    }

    std::unique_ptr<PostgresConnection> connect() const {
        try {
            return std::make_unique<PostgresConnection>(conninfo_, options_.statement_timeout);
        } catch (const std::exception& fault) {
            throw std::runtime_error(without_password(fault.what(), url_));
        }
    }

    static void check_server(PostgresConnection& connection) {
        auto row = connection.query("SELECT current_setting('server_version_num')");
        row.step();
        if (row.integer(0) < oldest_server) {
            throw std::runtime_error("its server is older than PostgreSQL 13");
        }
    }

    const std::string url_;
    const std::string conninfo_;
    const PostgresStoreOptions options_;
    std::mutex mutex_;
    std::vector<std::unique_ptr<PostgresConnection>> idle_;
    std::vector<std::unique_ptr<PostgresConnection>> busy_;
};

}  // namespace

std::unique_ptr<coordination::Store> open_postgres_store(const std::string& url,
                                                         PostgresStoreOptions options) {
    SqlSessionOptions session;
    session.connections = options.connections;
    session.queue_max = options.queue_max;
    session.thread_name = "postgres";
    session.limits = options.limits;
    return make_sql_store(std::make_unique<PostgresDatabase>(url, options), std::move(session));
}

}  // namespace miroir::stores
