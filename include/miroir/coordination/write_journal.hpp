#pragma once

#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "miroir/base/clock.hpp"
#include "miroir/base/error.hpp"
#include "miroir/base/ids.hpp"
#include "miroir/coordination/dirty_ledger.hpp"
#include "miroir/coordination/task_registry.hpp"
#include "miroir/runtime/async.hpp"

namespace miroir::coordination {

// What an entry must be ordered with: writes to the same logical index that share a shard. Every control
// operation, delete-by-filter and delete-all touches the whole index.
struct ConflictSet {
    bool whole_index = false;
    std::vector<ShardId> shards;  // ascending; empty when whole_index
    // Of a swap or a renaming: the other names that it moves. Its whole_index is true.
    std::vector<LogicalIndexUid> others;
};

// One node that an entry will be sent to.
struct PlannedTarget {
    NodeId node;
    std::vector<ShardId> shards;  // ascending
};

// What an entry was planned against and means to do.
struct EntryPlan {
    LogicalIndexUid index;
    PhysicalIndexUid physical;  // empty for a control operation on an index that does not exist
    Epoch epoch = 0;
    Generation generation = 0;  // 0: the plan says that the logical index does not exist
    ConflictSet conflicts;
    std::vector<PlannedTarget> targets;
};

struct EntryDraft {
    EntryPlan plan;
    ReplicaId replica;
    // What the entry is known by when the store's reply is lost; empty: the store makes one.
    std::string nonce;
    TaskDraft task;
    // A control operation's kind and body (JSON), kept until it is complete; empty for document writes.
    std::string operation;
    std::string operation_body;
};

// Proof that a journal entry is open: the only way to make one is to open an entry, and dispatching a
// document write takes one.
class OpenEntry {
public:
    TaskUid uid() const { return uid_; }
    // Random text that marks this entry's node requests (customMetadata `miroir:<uid>:<nonce>`).
    const std::string& nonce() const { return nonce_; }
    // Entries before this one that conflict with it and are still open.
    const std::vector<TaskUid>& open_before() const { return open_before_; }
    WallTime enqueued_at() const { return enqueued_at_; }

private:
    friend class OpenEntryFactory;
    OpenEntry() = default;
    TaskUid uid_ = 0;
    std::string nonce_;
    std::vector<TaskUid> open_before_;
    WallTime enqueued_at_;
};

// Used by stores only.
class OpenEntryFactory {
protected:
    static OpenEntry make(TaskUid uid, std::string nonce, std::vector<TaskUid> open_before,
                          WallTime enqueued_at) {
        OpenEntry entry;
        entry.uid_ = uid;
        entry.nonce_ = std::move(nonce);
        entry.open_before_ = std::move(open_before);
        entry.enqueued_at_ = enqueued_at;
        return entry;
    }
};

enum class OpenRefusal {
    stale_epoch,       // topology changed: plan again
    stale_generation,  // the catalog entry changed: plan again
    journal_full,      // limits.open_entries_max reached: 429
    not_live,          // the replica's time as a peer has run out: it must beat first
    taken_over,        // replan() only: another replica took this one for dead and has the entry now
};

// A request with this claim was made before: it has its task.
struct RepeatedTask {
    TaskUid uid = 0;
    std::string type;
    std::optional<std::string> index_uid;
    std::optional<std::string> custom_metadata;
    WallTime enqueued_at;
    bool same_body = true;
    // False while the one that made it works on it: whether it will be accepted is not known yet.
    bool accepted = false;
};

// An open entry that is no task and sends no client's write: what conflicts with it waits until it is closed.
struct JournalHold {
    TaskUid uid = 0;  // above those of all tasks
    std::vector<TaskUid> open_before;
    friend bool operator==(const JournalHold&, const JournalHold&) = default;
};

enum class TargetResult { acked, refused, unsent, unknown };

struct TargetOutcome {
    NodeId node;
    TargetResult result = TargetResult::unknown;
    // With acked: one or several node tasks (a body over the node's limit is several requests).
    std::vector<NodeTaskUid> node_tasks;
    // With refused: the node's error as JSON.
    std::string error_json;
    // With unknown: how many node tasks the target's requests make, if all of them were sent and what they
    // did stands; it is looked up later. 0: it is not.
    std::uint32_t sought_tasks = 0;
    // The node's newest task as known before the first request was sent.
    std::optional<NodeTaskUid> newest_before = std::nullopt;
};

// What becomes of the claim that an entry was opened with.
enum class ClaimEnd {
    as_it_is,   // a claim that is not accepted counts no more once its entry is closed
    accepted,   // the client is told so, whenever it asks again
    withdrawn,  // the client was told that it should ask again
};

// What happened to one entry; recorded in one transaction.
struct EntryOutcome {
    std::vector<TargetOutcome> targets;
    std::vector<DirtyMark> dirty;
    ClaimEnd claim = ClaimEnd::as_it_is;
};

struct UnfinishedEntry {
    TaskUid uid = 0;
    std::string nonce;
    ReplicaId replica;
    EntryPlan plan;
    std::string operation;
    std::string operation_body;
    // A control operation's persisted progress (JSON); empty before the first save.
    std::string operation_state;
    bool open = true;  // false: dispatched and closed, but the control operation is not complete
    WallTime opened_at;
};

using Opening = std::variant<OpenEntry, OpenRefusal, RepeatedTask>;

// The saved state of a settings change over which an index is frozen: writes to it are refused.
inline constexpr const char* frozen_state = "frozen";

// An entry belongs to the live replica that opened it (PeerRegistry) until another one takes it over. The
// steps that change it name the replica that believes to own it, and change nothing when it does not.
class WriteJournal {
public:
    virtual ~WriteJournal() = default;

    // One atomic step: refuses a stale plan and a replica that is not alive, else issues the next cluster
    // task uid, records entry, targets and task (enqueued), and tells the open entries before it that
    // conflict. Nothing is recorded on refusal, nor when the draft's claim is known: of many requests with
    // one claim one gets an entry, until that is closed unaccepted or the claim is older than the store keeps
    // it. A control operation is accepted as it is opened.
    virtual Async<Opening> open(EntryDraft draft) = 0;

    // Keeps what conflicts waiting, for work on the copies of an index; ended by close(). Empty when the
    // replica is not alive.
    // `nonce`: what it is known by when the store's reply is lost.
    virtual Async<std::optional<JournalHold>> hold(LogicalIndexUid index, ConflictSet conflicts,
                                                   ReplicaId replica, std::string nonce) = 0;

    // Gives an open entry a new plan under the same checks of the plan as open(). Empty on success.
    virtual Async<std::optional<OpenRefusal>> replan(TaskUid uid, ReplicaId by, EntryPlan plan) = 0;

    // What conflicts with this entry, was opened before it and is still open, as open() told it; ascending.
    virtual Async<std::vector<TaskUid>> open_before(TaskUid uid) = 0;

    // Those of `uids` that are still open.
    virtual Async<std::vector<TaskUid>> still_open(std::vector<TaskUid> uids) = 0;

    // How many entries are open, whoever opened them; what limits.open_entries_max bounds.
    virtual Async<std::uint64_t> count_open() = 0;

    // Records outcomes and dirty marks, and closes the entry; atomic. False when it was already closed or is
    // another replica's by now: nothing is changed then.
    virtual Async<bool> close(TaskUid uid, ReplicaId by, EntryOutcome outcome) = 0;

    // True while the entry is open, or its operation incomplete, and `by`'s.
    virtual Async<bool> belongs_to(TaskUid uid, ReplicaId by) = 0;

    // The indexes that operations have frozen.
    virtual Async<std::set<LogicalIndexUid>> frozen() = 0;

    // Saves a control operation's progress. False when it is complete or another replica's by now.
    virtual Async<bool> save_operation(TaskUid uid, ReplicaId by, std::string state) = 0;
    // Ends a control operation: its body is dropped. The task is finished apart (TaskRegistry::finish). False
    // when it is another replica's by now.
    virtual Async<bool> complete_operation(TaskUid uid, ReplicaId by) = 0;

    // Control operations before `uid` that are not complete and are about this index too; ascending.
    virtual Async<std::vector<TaskUid>> operations_before(TaskUid uid, LogicalIndexUid index) = 0;

    // Entries that are open, and control operations that are not complete; ascending by uid.
    virtual Async<std::vector<UnfinishedEntry>> unfinished() = 0;
    // Those of them whose replica is not alive.
    virtual Async<std::vector<UnfinishedEntry>> abandoned() = 0;
    // Makes the entry `to`'s if it still is `from`'s and `from` is not alive: of many replicas that try, one
    // gets it. The entry as it is by then, also when it was `to`'s already (the reply was lost); else empty.
    virtual Async<std::optional<UnfinishedEntry>> take_over(TaskUid uid, ReplicaId from, ReplicaId to) = 0;
};

}  // namespace miroir::coordination
