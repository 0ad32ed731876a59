#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "miroir/auth/grant.hpp"
#include "miroir/base/log.hpp"
#include "miroir/base/metrics.hpp"
#include "miroir/base/result.hpp"
#include "miroir/coordination/store.hpp"
#include "miroir/meili/document_id.hpp"
#include "miroir/meili/documents.hpp"
#include "miroir/membership/fleet_watch.hpp"
#include "miroir/membership/peers.hpp"
#include "miroir/membership/snapshot_keeper.hpp"
#include "miroir/nodes/node_client.hpp"
#include "miroir/tasks/task_poller.hpp"
#include "miroir/writes/journal_watch.hpp"
#include "miroir/writes/lanes.hpp"

namespace miroir::writes {

enum class WriteKind { replace, update, delete_ids, delete_filter, delete_all };

// One write of documents, parsed on the I/O thread.
struct DocumentWrite {
    WriteKind kind = WriteKind::replace;
    LogicalIndexUid index;
    // What `batch` points into; kept until every node has answered. Empty when the batch has its own text.
    std::shared_ptr<const std::string> body;
    std::shared_ptr<const meili::DocumentBatch> batch;  // replace, update
    std::shared_ptr<const meili::DocumentIds> ids;      // delete_ids
    std::string filter_json;                            // delete_filter
    std::optional<std::string> primary_key;             // the request's parameter
    std::optional<std::string> custom_metadata;
    bool skip_creation = false;
    bool may_create_index = true;
    std::optional<coordination::TaskClaim> claim;
    std::string request_id;
    Deadline deadline{SteadyTime::max()};

    // That it brings or names one by one.
    std::size_t documents() const { return batch ? batch->size() : ids ? ids->size() : 0; }
};

struct WriteReceipt {
    TaskUid uid = 0;
    std::string type;
    std::optional<std::string> custom_metadata;
    WallTime enqueued_at;
    // Nodes that did not take the write; they are dirty and will be repaired.
    std::vector<NodeId> degraded;
};

struct WriterOptions {
    // "1", "majority", "all" or a number.
    std::string wait_for_copies = "1";
    std::chrono::milliseconds ack_timeout{30'000};
    std::uint64_t node_backlog_max = 100'000;
    std::uint64_t node_body_bytes_max = 90'000'000;
    // Ids of unfinished writes that are remembered for the ledger; over that, a copy is dirty as a whole.
    std::uint64_t remembered_ids_max = 2'000'000;
    // How often a write is planned again because its index changed meanwhile.
    std::uint32_t plan_attempts_max = 50;
};

struct WritePlan;
struct WriteTarget;
struct NodeCallBody;
class RememberedWrites;

// Makes a missing index (catalog and nodes).
using IndexMaker = std::function<Async<std::shared_ptr<const cluster::IndexEntry>>(LogicalIndexUid uid)>;

// The write path: journal entry, index and primary key, stamps, lanes, outcomes, closing; then the receipt.
// The journal's order decides also what makes or breaks a write: an index that an earlier entry creates or
// deletes, the primary key that an earlier write brings. Runs on the control executor. A receipt means:
// recorded, and taken by as many clean copies of every shard as wait_for_copies says.
class DocumentWriter {
public:
    DocumentWriter(coordination::Store& store, membership::SnapshotKeeper& snapshots,
                   membership::Peers& peers, membership::FleetWatch& fleet, nodes::NodeClient& nodes,
                   Lanes& lanes, JournalWatch& journal, tasks::TaskPoller& poller, IndexMaker make_index,
                   WriterOptions options, Log& log, Metrics& metrics);
    ~DocumentWriter();

    // StoreUnavailable: the write is not acknowledged, and what nodes may have taken is reconciled later.
    Async<Result<WriteReceipt>> write(DocumentWrite write);

    // An entry of this replica that another one, which is dead, left open: nobody knows what its nodes took.
    Async<void> recover(coordination::UnfinishedEntry entry);

    // Records the copies that a finished task left behind, by their ids where those are still known.
    Async<void> record_divergence(coordination::TaskRecord task, std::vector<tasks::DivergentCopy> copies);

private:
    using PlanPtr = std::shared_ptr<WritePlan>;
    // A plan, the error that the task fails with, or neither: plan again, or in the write's turn.
    struct Preparation {
        PlanPtr plan;
        std::optional<ApiError> task_error;
        // The request is refused now; no task is made.
        std::optional<ApiError> refusal;
        bool nothing_to_do = false;
    };

    // Whether everything that is ordered before the write is done.
    enum class Turn { ahead, now };
    Async<Preparation> prepare(std::shared_ptr<DocumentWrite> write, Turn turn);
    Async<std::optional<Result<WriteReceipt>>> as_before(coordination::RepeatedTask task);
    coordination::EntryDraft draft_of(const DocumentWrite& write, const WritePlan* plan) const;
    Async<void> index_shows(LogicalIndexUid uid);
    Async<void> all_replicas_see();
    Async<Result<WriteReceipt>> end_open(coordination::OpenEntry entry, std::shared_ptr<DocumentWrite> write,
                                         std::optional<ApiError> error, coordination::ClaimEnd claim);
    // `plan` may be null: then it is made in the write's turn.
    Async<Result<WriteReceipt>> run(coordination::OpenEntry entry, std::shared_ptr<DocumentWrite> write,
                                    PlanPtr plan);
    Async<Result<WriteReceipt>> dispatch(coordination::OpenEntry entry, PlanPtr plan);
    Async<coordination::TargetOutcome> send(std::shared_ptr<std::vector<NodeCallBody>> calls, NodeId node,
                                            std::shared_ptr<Lanes::Place> place, PlanPtr plan);
    // What a write's outcomes mean for its copies and its client.
    struct Assessment {
        std::vector<coordination::DirtyMark> marks;
        std::optional<ApiError> shortfall;
        // Nodes whose ack does not count: it will be undone, as no clean copy of some shard took the write.
        std::set<NodeId> not_counted;
    };
    Assessment assess(const WritePlan& plan, TaskUid uid,
                      const std::vector<coordination::TargetOutcome>& outcomes) const;
    void note_dirty(WritePlan& plan, const NodeId& node) const;
    bool is_clean(const cluster::IndexEntry& index, ShardId shard, const NodeId& node) const;
    std::vector<tasks::DivergentCopy> keep_one_clean(std::vector<tasks::DivergentCopy> copies,
                                                     std::shared_ptr<const cluster::IndexEntry> index) const;
    Async<bool> close_surely(TaskUid uid, PlanPtr plan, std::vector<coordination::TargetOutcome> outcomes,
                             Assessment assessment);
    Async<void> end_unsent(TaskUid uid);
    Async<void> record_late(TaskUid uid, PlanPtr plan, std::vector<coordination::TargetOutcome> outcomes);
    Async<bool> close(TaskUid uid, std::vector<coordination::TargetOutcome> outcomes, Assessment assessment,
                      coordination::ClaimEnd claim);
    void check_order(const WritePlan& plan, TaskUid uid,
                     const std::vector<coordination::TargetOutcome>& outcomes,
                     std::vector<coordination::DirtyMark>& marks);
    void remember(TaskUid uid, PlanPtr plan);
    std::optional<ApiError> overloaded() const;

    coordination::Store& store_;
    membership::SnapshotKeeper& snapshots_;
    membership::Peers& peers_;
    membership::FleetWatch& fleet_;
    nodes::NodeClient& nodes_;
    Lanes& lanes_;
    JournalWatch& journal_;
    tasks::TaskPoller& poller_;
    IndexMaker make_index_;
    const WriterOptions options_;
    Log& log_;
    Counter& degraded_writes_;
    Counter& repeated_writes_;
    Counter& backlog_refusals_;
    Counter& journal_refusals_;
    // Entries of this replica that are in the lanes and not closed: nobody has to wait for their closing.
    std::set<TaskUid> in_lanes_;
    // Copies that entries being closed make dirty.
    std::multiset<cluster::CopyRef> closing_;
    std::unique_ptr<RememberedWrites> remembered_;
};

}  // namespace miroir::writes
