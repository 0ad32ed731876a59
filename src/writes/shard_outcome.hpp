#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "miroir/coordination/write_journal.hpp"

namespace miroir::writes {

// What one copy of a shard made of a write.
struct CopyOutcome {
    NodeId node;
    coordination::TargetResult result = coordination::TargetResult::unknown;
    // Some of the write's requests were acknowledged, not all.
    bool partly = false;
    // The copy held every accepted write until this one.
    bool clean = false;
    // It was not clean when its request left: an update may have left out documents, and a repair at the
    // same time may undo the write.
    bool was_dirty = false;
    bool reachable = true;
};

// A copy that differs from `reference` or may: what the ledger is told.
struct CopyFault {
    NodeId node;
    std::string reason;
    NodeId reference;  // empty when no copy is known to be right
    friend bool operator==(const CopyFault&, const CopyFault&) = default;
};

struct ShardOutcome {
    std::uint32_t clean_acks = 0;
    std::vector<CopyFault> faults;
};

// Accepted or not, a shard keeps a clean copy if it had one: one that took the write, else one that surely
// did not, else one of those that may have. So some copy always holds every accepted write, and what was
// refused never outweighs what was accepted.
ShardOutcome shard_outcome(const std::vector<CopyOutcome>& copies);

}  // namespace miroir::writes
