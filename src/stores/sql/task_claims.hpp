#pragma once

#include <optional>

#include "miroir/coordination/store_limits.hpp"
#include "miroir/coordination/write_journal.hpp"
#include "miroir/stores/sql/connection.hpp"

namespace miroir::stores {

// Claims of requests, inside the caller's transaction.

// The request that was made with this claim, while that counts.
std::optional<coordination::RepeatedTask> find_claim(SqlConnection& connection,
                                                     const coordination::TaskClaim& claim,
                                                     const coordination::StoreLimits& limits);

// Keeps the claim with its task; what is too old or too much goes.
void keep_claim(SqlConnection& connection, const coordination::TaskClaim& claim,
                const coordination::TaskRecord& task, bool accepted, const coordination::StoreLimits& limits);

void end_claim(SqlConnection& connection, TaskUid uid, coordination::ClaimEnd end);

}  // namespace miroir::stores
