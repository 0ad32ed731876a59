#pragma once

#include <cstdint>

#include "miroir/stores/sql/connection.hpp"

namespace miroir::stores {

// The caller's transaction changes what replicas plan and read by (Store::view_version): they read it again.
void raise_view(SqlConnection& connection);

std::uint64_t view_version(SqlConnection& connection);

}  // namespace miroir::stores
