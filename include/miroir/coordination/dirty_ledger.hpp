#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "miroir/cluster/snapshot.hpp"
#include "miroir/runtime/async.hpp"

namespace miroir::coordination {

// One copy that missed or may have missed something.
struct DirtyMark {
    cluster::CopyRef copy;
    // Canonical texts of the primary keys concerned; empty optional: all documents of the shard.
    std::optional<std::vector<std::string>> ids;
    std::string reason;  // "unsent", "unknown", "refused", "task_failed", "order", "empty_node", ...
    // The node whose copy took the write; empty when none is known yet.
    NodeId reference;
    // The cluster task concerned.
    TaskUid since = 0;
};

// Everything known about one dirty copy.
struct DirtyCopy {
    cluster::CopyRef copy;
    bool all = false;
    std::vector<std::string> ids;  // ascending, each once; empty when `all`
    NodeId reference;              // of the newest mark that names one
    TaskUid newest = 0;            // highest `since`
    // Grows with every mark on this copy: a repair clears only what it has seen.
    std::uint64_t revision = 0;
};

class DirtyLedger {
public:
    virtual ~DirtyLedger() = default;

    virtual Async<void> mark(std::vector<DirtyMark> marks) = 0;

    // Every dirty copy, without ids: for snapshots.
    virtual Async<std::set<cluster::CopyRef>> copies() = 0;

    virtual Async<std::optional<DirtyCopy>> find(cluster::CopyRef copy) = 0;

    // Removes the copy from the ledger if no mark was added after `revision`. False: there was one, plan
    // again.
    virtual Async<bool> clear(cluster::CopyRef copy, std::uint64_t revision) = 0;

    // Forgets every copy of a physical index that is gone.
    virtual Async<void> forget(PhysicalIndexUid index) = 0;
};

}  // namespace miroir::coordination
