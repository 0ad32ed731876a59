#include "miroir/sqlite/migrator.hpp"

#include "miroir/sqlite/transaction.hpp"

namespace miroir::sqlite {

namespace {

std::int64_t schema_version(Connection& connection) {
    Statement version = connection.query("PRAGMA user_version");
    version.step();
    return version.integer(0);
}

}  // namespace

void migrate(Connection& connection, const std::vector<Migration>& migrations) {
    Transaction transaction(connection);
    const std::int64_t had = schema_version(connection);
    const auto missing = missing_migrations(had, migrations);
    for (const Migration& migration : missing) connection.run_script(migration.sql);
    if (!missing.empty())
        connection.run_script("PRAGMA user_version = " + std::to_string(missing.back().number));
    transaction.commit();
}

}  // namespace miroir::sqlite
