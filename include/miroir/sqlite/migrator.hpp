#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "miroir/sqlite/connection.hpp"

namespace miroir::sqlite {

// One step of a schema: `migrations/<backend>/<number>_<name>.sql`, numbered from 1 without gaps.
struct Migration {
    int number = 0;
    std::string name;
    std::string sql;
};

// The database was written by a newer program.
struct SchemaTooNew : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// Runs the migrations that the database has not had, all in one transaction under the write lock: of several
// programs that start together one migrates and the others wait, at most the connection's `lock_wait`.
void migrate(Connection& connection, const std::vector<Migration>& migrations);

}  // namespace miroir::sqlite
