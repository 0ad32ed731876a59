#pragma once

#include <vector>

#include "miroir/base/migration.hpp"

namespace miroir::stores::sqlite_schema {

// The files of migrations/sqlite, compiled in.
const std::vector<Migration>& migrations();

}  // namespace miroir::stores::sqlite_schema
