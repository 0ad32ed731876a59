#include "migrator.hpp"

#include <stdexcept>

#include "migrations.hpp"
#include "miroir/base/hash.hpp"

namespace miroir::stores {

namespace {

constexpr std::int64_t migration_key = 0x6d69726f69720100;

// Held by the transaction that has begun.
bool try_lock(PostgresConnection& connection) {
    auto row =
        connection.query("SELECT CASE WHEN pg_try_advisory_xact_lock(?) THEN 1 ELSE 0 END", migration_key);
    return row.step() && row.integer(0) == 1;
}

std::int64_t schema_version(PostgresConnection& connection) {
    connection.run_script("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)");
    auto row = connection.query("SELECT COALESCE(MAX(version), 0) FROM schema_version");
    row.step();
    return row.integer(0);
}

void migrate_locked(PostgresConnection& connection) {
    const auto missing = missing_migrations(schema_version(connection), postgres_schema::migrations());
    for (const Migration& migration : missing) connection.run_script(migration.sql);
    if (!missing.empty()) {
        connection.run("DELETE FROM schema_version");
        connection.run("INSERT INTO schema_version (version) VALUES (?)", missing.back().number);
        connection.run("INSERT INTO facts (name, value) VALUES ('incarnation', ?) ON CONFLICT DO NOTHING",
                       random_hex(16));
    }
}

}  // namespace

void migrate(PostgresConnection& connection, std::chrono::milliseconds timeout) {
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    for (;;) {
        connection.begin(SqlLock::none);
        try {
            if (try_lock(connection)) {
                migrate_locked(connection);
                connection.commit();
                return;
            }
        } catch (...) {
            connection.undo();
            throw;
        }
        connection.undo();
        if (std::chrono::steady_clock::now() >= deadline) {
            throw std::runtime_error(
                "another replica has been changing the schema of the coordination database for too long");
        }
        connection.run("SELECT pg_sleep(0.1)");
    }
}

}  // namespace miroir::stores
