#pragma once

#include <chrono>
#include <memory>
#include <pqxx/connection>
#include <pqxx/transaction_base>
#include <string>
#include <unordered_map>

#include "miroir/stores/sql/connection.hpp"

namespace miroir::stores {

// One connection to a server; a failed one stays so.
class PostgresConnection final : public SqlConnection {
public:
    // `conninfo` as libpq takes it. Connects; throws.
    PostgresConnection(const std::string& conninfo, std::chrono::milliseconds statement_timeout);
    ~PostgresConnection() override;

    void begin(SqlLock lock) override;
    void commit() override;
    void undo() noexcept override;
    WallTime now() override;
    const SqlDialect& dialect() const override;

    bool is_usable() const;
    // Several statements without parameters.
    void run_script(const std::string& sql);

protected:
    std::unique_ptr<SqlCursor> start(std::string_view sql, const std::vector<SqlValue>& values) override;
    std::int64_t finish(std::string_view sql, const std::vector<SqlValue>& values) override;

private:
    const std::string& prepared(std::string_view sql);

    pqxx::connection connection_;
    // The name of each prepared statement by its text.
    std::unordered_map<std::string, std::string> prepared_;
    std::unique_ptr<pqxx::transaction_base> transaction_;
};

// `?` and `?2` as PostgreSQL numbers parameters: `$1`, `$2`.
std::string with_numbered_parameters(std::string_view sql);

}  // namespace miroir::stores
