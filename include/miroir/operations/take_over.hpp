#pragma once

#include <chrono>
#include <map>
#include <vector>

#include "miroir/base/log.hpp"
#include "miroir/base/metrics.hpp"
#include "miroir/coordination/store.hpp"
#include "miroir/membership/peers.hpp"
#include "miroir/membership/snapshot_keeper.hpp"
#include "miroir/operations/control_operations.hpp"
#include "miroir/operations/task_operations.hpp"
#include "miroir/runtime/concurrency.hpp"
#include "miroir/writes/document_writer.hpp"

namespace miroir::operations {

struct TakeOverOptions {
    std::chrono::milliseconds interval{500};
    // For how long this replica must have been heard of before it takes others for dead: after the store was
    // away, all have been silent.
    std::chrono::milliseconds settle{5'000};
};

// Ends what replicas that are dead have begun: their document writes are closed and the copies compared,
// their control operations are continued, cancelations and deletions of tasks fail. Of several live replicas
// each takes what rendezvous hashing gives it. Runs on the control executor.
class TakeOver {
public:
    TakeOver(coordination::Store& store, membership::SnapshotKeeper& snapshots, membership::Peers& peers,
             writes::DocumentWriter& writer, ControlOperations& operations, TaskOperations& tasks,
             TakeOverOptions options, Executor control, Log& log, Metrics& metrics);

    // Looks once; throws StoreUnavailable.
    Async<void> look();

    void start();
    Async<void> stop();

private:
    Async<void> watch_forever();
    Async<void> claim();
    Async<void> go_on();

    coordination::Store& store_;
    membership::SnapshotKeeper& snapshots_;
    membership::Peers& peers_;
    writes::DocumentWriter& writer_;
    ControlOperations& operations_;
    TaskOperations& tasks_;
    const TakeOverOptions options_;
    Log& log_;
    Counter& taken_over_;
    // What is being taken over, from whom: the store's reply may be lost.
    std::map<TaskUid, ReplicaId> claims_;
    // What is this replica's now and nobody works on.
    std::vector<coordination::UnfinishedEntry> taken_;
    runtime::TaskGroup group_;
};

}  // namespace miroir::operations
