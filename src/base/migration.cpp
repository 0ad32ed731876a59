#include "miroir/base/migration.hpp"

namespace miroir {

std::vector<Migration> missing_migrations(std::int64_t had, const std::vector<Migration>& all) {
    const auto known = static_cast<std::int64_t>(all.size());
    if (had > known) {
        throw SchemaTooNew("the database has schema version " + std::to_string(had) +
                           ", but this program only knows versions up to " + std::to_string(known) +
                           ": start the newer program that wrote it, or restore a backup from before it did");
    }
    std::vector<Migration> missing;
    for (const Migration& migration : all) {
        if (migration.number > had) missing.push_back(migration);
    }
    return missing;
}

}  // namespace miroir
