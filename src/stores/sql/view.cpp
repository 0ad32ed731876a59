#include "view.hpp"

namespace miroir::stores {

void raise_view(SqlConnection& connection) {
    connection.run("UPDATE counters SET value = value + 1 WHERE name = 'view'");
}

std::uint64_t view_version(SqlConnection& connection) {
    auto row = connection.query("SELECT value FROM counters WHERE name = 'view'");
    row.step();
    return static_cast<std::uint64_t>(row.integer(0));
}

}  // namespace miroir::stores
