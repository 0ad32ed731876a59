#pragma once

#include <vector>

#include "miroir/base/migration.hpp"
#include "miroir/sqlite/connection.hpp"

namespace miroir::sqlite {

// Runs the migrations that the database has not had, all in one transaction under the write lock: of several
// programs that start together one migrates and the others wait, at most the connection's `lock_wait`. Throws
// SchemaTooNew.
void migrate(Connection& connection, const std::vector<Migration>& migrations);

}  // namespace miroir::sqlite
