#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "miroir/base/ids.hpp"

namespace miroir::membership {

// The one of `replicas` that a job belongs to: rendezvous hashing of (job, replica), so that a replica that
// comes or goes moves only its own jobs. Empty when there is none. The order of `replicas` does not matter.
std::optional<ReplicaId> owner_of(std::string_view job, const std::vector<ReplicaId>& replicas);

}  // namespace miroir::membership
