#pragma once

#include <vector>

#include "miroir/base/ids.hpp"
#include "miroir/runtime/async.hpp"

namespace miroir::coordination {

struct AppliedSettings {
    PhysicalIndexUid index;
    NodeId node;
    SettingsVersion version = 0;
};

// Which version of an index's settings each node is known to have applied.
class SettingsVersions {
public:
    virtual ~SettingsVersions() = default;
    virtual Async<std::vector<AppliedSettings>> all() = 0;
    // Never goes back to an older version.
    virtual Async<void> record(std::vector<AppliedSettings> applied) = 0;
    // A node that lost the index knows nothing any more.
    virtual Async<void> forget(PhysicalIndexUid index, NodeId node) = 0;
    virtual Async<void> forget_index(PhysicalIndexUid index) = 0;
};

}  // namespace miroir::coordination
