#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "miroir/base/log.hpp"
#include "miroir/base/metrics.hpp"
#include "miroir/base/result.hpp"
#include "miroir/cluster/index_defaults.hpp"
#include "miroir/coordination/store.hpp"
#include "miroir/meili/settings.hpp"
#include "miroir/membership/peers.hpp"
#include "miroir/membership/snapshot_keeper.hpp"
#include "miroir/nodes/node_client.hpp"
#include "miroir/operations/index_upkeep.hpp"
#include "miroir/operations/node_calls.hpp"
#include "miroir/operations/operation_queue.hpp"
#include "miroir/operations/settings_rounds.hpp"
#include "miroir/runtime/concurrency.hpp"
#include "miroir/tasks/task_poller.hpp"
#include "miroir/writes/journal_watch.hpp"
#include "miroir/writes/lanes.hpp"

namespace miroir::operations {

// One change of an index as a client asked for it. `body` is JSON:
// index_create {"primaryKey":..,"shards":n}, index_update {"primaryKey":..,"uid":..},
// index_delete {}, index_compact {}, index_swap {"swaps":[{"indexes":[a,b],"rename":..}]} (with the first
// index as `index`), settings_update {"change":<settings>,"mayCreate":bool}.
struct ControlRequest {
    std::string operation;
    LogicalIndexUid index;
    std::string body;
    coordination::TaskDraft task;
};

struct Accepted {
    TaskUid uid = 0;
    WallTime enqueued_at;
};

struct ControlOptions {
    std::uint32_t shards_default = 16;
    std::vector<cluster::IndexDefault> index_defaults;
    // Settings go to one node after another instead of all at once.
    bool one_by_one = false;
    std::uint32_t repair_retries_max = 5;
    // Before a settings change is sent again; doubles while nodes say something else than was proposed.
    std::chrono::milliseconds repair_pause_min{500};
    // How long a node may take to answer one request.
    std::chrono::milliseconds node_timeout{30'000};
    // Before an operation that met an error is tried again.
    std::chrono::milliseconds fault_pause{500};
};

using coordination::frozen_state;

// A node's error (JSON) in the words that the client may see.
using IndexErrorRewriter =
    std::function<std::string(const cluster::IndexEntry& index, const std::string& error_json)>;

// Returns when no earlier task of the index is unfinished: tasks of one index end in the order of their uids.
using EarlierTasksWait = std::function<Async<void>(TaskUid task, LogicalIndexUid index)>;

// How a control operation ended.
struct ControlEnd {
    coordination::TaskStatus status = coordination::TaskStatus::succeeded;
    std::string details_json;
    std::string error_json;
};

// Index and settings changes: journaled with their body before the 202, then run one after another per index
// to their end, also by the process that starts after a crash. Every step can be repeated. Runs on the
// control executor.
class ControlOperations {
public:
    ControlOperations(coordination::Store& store, membership::SnapshotKeeper& snapshots,
                      membership::Peers& peers, nodes::NodeClient& nodes, writes::Lanes& lanes,
                      writes::JournalWatch& journal, IndexUpkeep& upkeep,
                      EarlierTasksWait wait_for_earlier_tasks, ControlOptions options,
                      IndexErrorRewriter rewrite_error, Executor control, Log& log, Metrics& metrics);

    Async<Result<Accepted>> submit(ControlRequest request);

    // True when the operation waits for its turn: it will end as canceled by the task `cancelation`.
    bool cancel(TaskUid uid, TaskUid cancelation);

    // Continues an operation of this replica that another one, which is dead, has left.
    void resume(const coordination::UnfinishedEntry& entry);

    Async<void> stop();

    // A new physical index in the catalog for a logical uid, and the beginning of its creation on the nodes;
    // the existing entry when another request was faster. `shards` 0: as the configuration says for the uid.
    Async<std::shared_ptr<const cluster::IndexEntry>> create_index(LogicalIndexUid uid,
                                                                   std::optional<std::string> primary_key,
                                                                   std::uint32_t shards,
                                                                   PhysicalIndexUid physical);

private:
    struct Running {
        TaskUid uid = 0;
        std::string operation;
        LogicalIndexUid index;
        std::string body;
        std::string state;
        bool open = true;
        WallTime begun;
        int faults = 0;
    };
    Async<void> end_lost(TaskUid uid);
    Async<void> resume_lost(TaskUid uid);
    void launch(Running running);
    Async<void> run(Running running);
    Async<void> attempt(std::shared_ptr<Running> running);
    Async<bool> wait_for_turn(std::shared_ptr<Running> running);
    Async<void> wait_for_earlier(std::shared_ptr<Running> running, LogicalIndexUid index);
    Async<void> end_canceled(std::shared_ptr<Running> running);
    Async<ControlEnd> perform(std::shared_ptr<Running> running);
    Async<ControlEnd> create(std::shared_ptr<Running> running);
    Async<ControlEnd> update(std::shared_ptr<Running> running);
    Async<ControlEnd> change_primary_key(std::shared_ptr<Running> running, cluster::IndexEntry entry,
                                         std::string key);
    Async<ControlEnd> rename(std::shared_ptr<Running> running, cluster::IndexEntry entry, std::string to);
    Async<ControlEnd> remove(std::shared_ptr<Running> running);
    Async<ControlEnd> swap(std::shared_ptr<Running> running);
    Async<ControlEnd> compact(std::shared_ptr<Running> running);
    Async<ControlEnd> change_settings(std::shared_ptr<Running> running);
    Async<void> wait_for_round(std::shared_ptr<Running> running, SettingsRounds::Next next);
    Async<bool> give_way(std::shared_ptr<Running> running);
    // One attempt at a settings change: its end, or why it is to be repeated.
    struct SettingsRound {
        std::optional<ControlEnd> end;
        bool divergent = false;
        PhysicalIndexUid index;
    };
    // What became of a proposal so far.
    struct Proposal {
        cluster::IndexEntry entry;
        std::string settings_json;
        std::string node_body;
        std::set<NodeId> applied;
        // Have taken it or may have.
        std::set<NodeId> touched;
        std::string refusal;
    };
    Async<SettingsRound> settings_round(std::shared_ptr<Running> running,
                                        std::shared_ptr<const meili::Settings> change, bool may_create);
    Async<SettingsRound> propose(std::shared_ptr<Running> running, std::shared_ptr<Proposal> proposal);
    Async<void> send_proposal(std::shared_ptr<Running> running, std::shared_ptr<Proposal> proposal,
                              std::vector<NodeId> nodes);
    Async<SettingsRound> verify_and_commit(std::shared_ptr<Running> running,
                                           std::shared_ptr<Proposal> proposal);
    Async<std::vector<SettingsReading>> read_back(std::shared_ptr<Proposal> proposal);
    Async<void> freeze(std::shared_ptr<Running> running, PhysicalIndexUid index);
    void show_phase(PhysicalIndexUid index, std::optional<cluster::SettingsPhase> phase);
    Async<void> restore(cluster::IndexEntry entry, std::string refused, std::set<NodeId> nodes);
    Async<void> save(std::shared_ptr<Running> running, std::string state);
    Async<void> check_ours(std::shared_ptr<Running> running);
    void forget(const Running& running);
    Async<void> close(std::shared_ptr<Running> running, coordination::EntryOutcome outcome);
    Async<void> finish(std::shared_ptr<Running> running, ControlEnd end);
    Async<void> record_end(std::shared_ptr<Running> running, coordination::TaskFinish end);
    Async<std::uint64_t> document_count(cluster::IndexEntry entry);

    struct SentSettings {
        NodeId node;
        bool sent = false;
        NodeTaskUid task = 0;
        std::string error_json;
    };
    Async<SentSettings> send_settings(cluster::IndexEntry entry, NodeId node, std::string body,
                                      std::shared_ptr<writes::Lanes::Place> place);

    coordination::Store& store_;
    membership::SnapshotKeeper& snapshots_;
    membership::Peers& peers_;
    nodes::NodeClient& nodes_;
    NodeCalls calls_;
    writes::Lanes& lanes_;
    writes::JournalWatch& journal_;
    IndexUpkeep& upkeep_;
    EarlierTasksWait wait_for_earlier_tasks_;
    const ControlOptions options_;
    IndexErrorRewriter rewrite_error_;
    Log& log_;
    Counter& divergent_;
    Gauge& frozen_;
    // An operation has come or ended.
    runtime::Signal moved_;
    runtime::TaskGroup group_;
    OperationQueue queue_;
};

}  // namespace miroir::operations
