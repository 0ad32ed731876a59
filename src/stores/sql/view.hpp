#pragma once

#include <cstdint>

#include "miroir/stores/sql/connection.hpp"

namespace miroir::stores {

// What replicas plan and read by (topology, catalog, dirty copies, applied settings) is changed by the
// caller's transaction: they read it again.
void raise_view(SqlConnection& connection);

std::uint64_t view_version(SqlConnection& connection);

}  // namespace miroir::stores
