#pragma once

#include <optional>

#include "miroir/sqlite/connection.hpp"
#include "miroir/sqlite/transaction.hpp"
#include "miroir/stores/sql/connection.hpp"

namespace miroir::stores {

class SqliteConnection final : public SqlConnection {
public:
    // `clock` is the store's clock and outlives the connection.
    SqliteConnection(const std::string& path, sqlite::Options options, const Clock& clock)
        : connection_(path, options), clock_(clock) {}

    // A transaction of SQLite is the only one: every lock is taken with it.
    void begin(SqlLock lock) override;
    void commit() override;
    void undo() noexcept override;
    WallTime now() override { return clock_.wall(); }
    const SqlDialect& dialect() const override;

    sqlite::Connection& raw() { return connection_; }

protected:
    std::unique_ptr<SqlCursor> start(std::string_view sql, const std::vector<SqlValue>& values) override;
    std::int64_t finish(std::string_view sql, const std::vector<SqlValue>& values) override;

private:
    sqlite::Connection connection_;
    const Clock& clock_;
    std::optional<sqlite::Transaction> transaction_;
};

}  // namespace miroir::stores
