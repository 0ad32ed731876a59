#pragma once

#include <chrono>

#include "miroir/base/log.hpp"
#include "miroir/membership/snapshot_keeper.hpp"
#include "miroir/runtime/concurrency.hpp"

namespace miroir::membership {

// Follows what other replicas change: asks the store for its view version and reads the view again when it
// has grown. Runs on the control executor.
class ViewWatch {
public:
    ViewWatch(SnapshotKeeper& snapshots, std::chrono::milliseconds interval, Executor control, Log& log);

    void start();
    Async<void> stop();

private:
    Async<void> watch_forever();

    SnapshotKeeper& snapshots_;
    const std::chrono::milliseconds interval_;
    Log& log_;
    runtime::TaskGroup group_;
};

}  // namespace miroir::membership
