#pragma once

#include <vector>

#include "miroir/sqlite/migrator.hpp"

namespace miroir::stores {

// The files of migrations/sqlite, compiled in.
const std::vector<sqlite::Migration>& migrations();

}  // namespace miroir::stores
