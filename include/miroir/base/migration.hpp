#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace miroir {

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

// Those that a database of schema version `had` has not had, in order. Throws SchemaTooNew.
std::vector<Migration> missing_migrations(std::int64_t had, const std::vector<Migration>& all);

}  // namespace miroir
