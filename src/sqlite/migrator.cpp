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
    const auto known = static_cast<std::int64_t>(migrations.size());
    if (had > known) {
        throw SchemaTooNew("the database has schema version " + std::to_string(had) +
                           ", but this program only knows versions up to " + std::to_string(known) +
                           ": start the newer program that wrote it, or restore a backup from before it did");
    }
    for (const Migration& migration : migrations)
        if (migration.number > had) connection.run_script(migration.sql);
    if (had < known) connection.run_script("PRAGMA user_version = " + std::to_string(known));
    transaction.commit();
}

}  // namespace miroir::sqlite
