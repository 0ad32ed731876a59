#pragma once

#include <vector>

#include "miroir/base/migration.hpp"

namespace miroir::stores::postgres_schema {

// The files of migrations/postgres, compiled in.
const std::vector<Migration>& migrations();

}  // namespace miroir::stores::postgres_schema
