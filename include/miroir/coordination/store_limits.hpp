#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace miroir::coordination {

// What a store keeps at most.
struct StoreLimits {
    // Journal entries that may be open at once.
    std::uint64_t open_entries_max = 4096;
    // Ids that the ledger keeps for one copy before it says "all".
    std::size_t dirty_ids_max = 100'000;
    // Claims of requests; the oldest go first.
    std::uint64_t claims_max = 100'000;
    std::chrono::seconds claim_ttl{86'400};
};

}  // namespace miroir::coordination
