#pragma once

#include <chrono>

#include "connection.hpp"

namespace miroir::stores {

// Brings the schema up to date in one transaction, under a lock that is polled for until `timeout`: of
// replicas that start together one does it. Throws std::runtime_error, SchemaTooNew.
void migrate(PostgresConnection& connection, std::chrono::milliseconds timeout);

}  // namespace miroir::stores
