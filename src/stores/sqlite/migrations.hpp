#pragma once

#include <vector>

#include "miroir/base/migration.hpp"

namespace miroir::stores {

// The files of migrations/sqlite, compiled in.
const std::vector<Migration>& migrations();

}  // namespace miroir::stores
