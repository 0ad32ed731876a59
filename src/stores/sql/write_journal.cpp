#include "write_journal.hpp"

#include <algorithm>
#include <set>

#include "dirty_ledger.hpp"
#include "index_catalog.hpp"
#include "miroir/base/hash.hpp"
#include "miroir/coordination/stored_values.hpp"
#include "peer_registry.hpp"
#include "task_claims.hpp"
#include "task_rows.hpp"
#include "topology_store.hpp"
#include "view.hpp"

namespace miroir::stores {

using coordination::ConflictSet;
using coordination::EntryDraft;
using coordination::EntryOutcome;
using coordination::EntryPlan;
using coordination::JournalHold;
using coordination::list_text;
using coordination::name_of;
using coordination::numbers_in;
using coordination::OpenRefusal;
using coordination::TargetResult;
using coordination::targets_in;
using coordination::texts_in;
using coordination::UnfinishedEntry;

namespace {

std::optional<OpenRefusal> refusal_of(SqlConnection& connection, const EntryPlan& plan) {
    if (current_epoch(connection) != plan.epoch) return OpenRefusal::stale_epoch;
    if (current_generation(connection, plan.index) != plan.generation) return OpenRefusal::stale_generation;
    return std::nullopt;
}

std::uint64_t open_entries(SqlConnection& connection) {
    auto row = connection.query("SELECT COUNT(*) FROM journal WHERE open = 1");
    row.step();
    return static_cast<std::uint64_t>(row.integer(0));
}

bool share_a_shard(const std::vector<ShardId>& left, const std::vector<ShardId>& right) {
    auto l = left.begin(), r = right.begin();
    while (l != left.end() && r != right.end()) {
        if (*l == *r) return true;
        (*l < *r) ? ++l : ++r;
    }
    return false;
}

std::string names_text(const std::vector<LogicalIndexUid>& names) {
    std::vector<std::string> texts;
    for (const auto& name : names) texts.push_back(name.str());
    return list_text(texts);
}

// What a row is about: columns `first` and the next one are its `logical` and `others`.
std::set<std::string> names_of(const SqlRows& row, int first) {
    auto names = texts_in(row.text(first + 1));
    names.push_back(row.text(first));
    return {names.begin(), names.end()};
}

std::vector<TaskUid> open_conflicts(SqlConnection& connection, const LogicalIndexUid& index,
                                    const ConflictSet& conflicts) {
    std::vector<TaskUid> uids;
    const std::string columns =
        "SELECT uid, logical, others, whole_index, shards FROM journal WHERE open = 1 ";
    auto rows =
        conflicts.others.empty()
            ? connection.query(columns + "AND (logical = ? OR others <> '[]') ORDER BY uid", index.str())
            : connection.query(columns + "ORDER BY uid");
    while (rows.step()) {
        const auto names = names_of(rows, 1);
        const bool named = names.count(index.str()) != 0 ||
                           std::any_of(conflicts.others.begin(), conflicts.others.end(),
                                       [&](const auto& other) { return names.count(other.str()) != 0; });
        const bool whole = conflicts.whole_index || rows.integer(3) != 0;
        if (named && (whole || share_a_shard(conflicts.shards, numbers_in(rows.text(4)))))
            uids.push_back(static_cast<TaskUid>(rows.integer(0)));
    }
    return uids;
}

void plan_parts(SqlConnection& connection, TaskUid uid, const EntryPlan& plan) {
    for (const auto& target : plan.targets) {
        connection.run("INSERT INTO task_parts (uid, node, shards, result) VALUES (?, ?, ?, 'planned')", uid,
                       target.node.str(), list_text(target.shards));
    }
}

void record_outcomes(SqlConnection& connection, TaskUid uid, const EntryOutcome& outcome) {
    for (const auto& target : outcome.targets) {
        connection.run(
            "INSERT INTO task_parts (uid, node, shards, result, node_tasks, error) "
            "VALUES (?1, ?2, '[]', ?3, ?4, ?5) "
            "ON CONFLICT (uid, node) DO UPDATE SET result = ?3, node_tasks = ?4, error = ?5",
            uid, target.node.str(), name_of(target.result), list_text(target.node_tasks), target.error_json);
        if (target.result == TargetResult::unknown && target.sought_tasks > 0) {
            connection.run(
                "INSERT INTO lookups (uid, node, nonce, node_tasks, newest_before) "
                "SELECT uid, ?2, nonce, ?3, ?4 FROM journal WHERE uid = ?1",
                uid, target.node.str(), target.sought_tasks, target.newest_before);
        }
    }
}

// Of holds: above every task's uid.
constexpr TaskUid first_hold = TaskUid{1} << 31U;

std::int64_t opened_at(SqlConnection& connection, TaskUid uid) {
    auto row = connection.query("SELECT opened_at FROM journal WHERE uid = ?", uid);
    return row.step() ? row.integer(0) : 0;
}

TaskUid issue_hold(SqlConnection& connection) {
    auto row = connection.query(
        "UPDATE counters SET value = (value + 1) % 2147483648 WHERE name = 'hold' RETURNING value");
    row.step();
    const auto uid = first_hold + static_cast<TaskUid>(row.integer(0));
    row.step();
    return uid;
}

UnfinishedEntry entry_of(const SqlRows& row) {
    UnfinishedEntry entry;
    entry.uid = static_cast<TaskUid>(row.integer(0));
    entry.nonce = row.text(1);
    entry.replica = ReplicaId(row.text(2));
    entry.plan.index = LogicalIndexUid(row.text(3));
    entry.plan.physical = PhysicalIndexUid(row.text(4));
    entry.plan.epoch = static_cast<Epoch>(row.integer(5));
    entry.plan.generation = static_cast<Generation>(row.integer(6));
    entry.plan.conflicts.whole_index = row.integer(7) != 0;
    entry.plan.conflicts.shards = numbers_in(row.text(8));
    entry.plan.targets = targets_in(row.text(9));
    entry.operation = row.text(10);
    entry.operation_body = row.text(11);
    entry.operation_state = row.text(12);
    entry.open = row.integer(13) != 0;
    entry.opened_at = {row.integer(14)};
    return entry;
}

const std::string select_entries =
    "SELECT uid, nonce, replica, logical, physical, epoch, generation, whole_index, shards, targets, "
    "operation, operation_body, operation_state, open, opened_at FROM journal ";

const std::string forget_if_ended = "DELETE FROM journal WHERE uid = ? AND open = 0 AND operation = ''";

}  // namespace

coordination::Opening SqlWriteJournal::open_now(SqlConnection& connection, const EntryDraft& draft) const {
    const EntryPlan& plan = draft.plan;
    if (draft.task.claim) {
        if (auto repeated = find_claim(connection, *draft.task.claim, session_.options().limits))
            return *repeated;
    }
    if (const auto refusal = refusal_of(connection, plan)) return *refusal;
    if (!is_live(connection, draft.replica)) return OpenRefusal::not_live;
    if (open_entries(connection) >= session_.options().limits.open_entries_max)
        return OpenRefusal::journal_full;

    auto open_before = open_conflicts(connection, plan.index, plan.conflicts);
    const auto task = issue_task(connection, draft.task, draft.replica, connection.now());
    auto nonce = draft.nonce.empty() ? random_hex(8) : draft.nonce;
    connection.run(
        "INSERT INTO journal (uid, nonce, replica, logical, physical, epoch, generation, whole_index, "
        "shards, "
        "others, targets, operation, operation_body, opened_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        task.uid, nonce, draft.replica.str(), plan.index.str(), plan.physical.str(), plan.epoch,
        plan.generation, plan.conflicts.whole_index, list_text(plan.conflicts.shards),
        names_text(plan.conflicts.others), list_text(plan.targets), draft.operation, draft.operation_body,
        task.enqueued_at.us);
    plan_parts(connection, task.uid, plan);
    if (draft.task.claim) {
        keep_claim(connection, *draft.task.claim, task, !draft.operation.empty(), session_.options().limits);
    }
    return make(task.uid, std::move(nonce), std::move(open_before), task.enqueued_at);
}

Async<coordination::Opening> SqlWriteJournal::open(EntryDraft draft) {
    return session_.write_in_order(
        SqlLock::plans,
        [this, draft = std::move(draft)](SqlConnection& connection) { return open_now(connection, draft); });
}

Async<std::optional<JournalHold>> SqlWriteJournal::hold(LogicalIndexUid index, ConflictSet conflicts,
                                                        ReplicaId replica, std::string nonce) {
    return session_.write_in_order(
        SqlLock::plans,
        [index = std::move(index), conflicts = std::move(conflicts), replica = std::move(replica),
         nonce = std::move(nonce)](SqlConnection& connection) -> std::optional<JournalHold> {
            if (!is_live(connection, replica)) return std::nullopt;
            JournalHold hold;
            hold.uid = issue_hold(connection);
            hold.open_before = open_conflicts(connection, index, conflicts);
            connection.run(
                "INSERT INTO journal (uid, nonce, replica, logical, physical, epoch, generation, "
                "whole_index, shards, "
                "targets, operation, operation_body, opened_at) VALUES (?, ?, ?, ?, '', 0, 0, ?, ?, '[]', "
                "'', '', ?)",
                hold.uid, nonce, replica.str(), index.str(), conflicts.whole_index,
                list_text(conflicts.shards), connection.now().us);
            return hold;
        });
}

Async<std::optional<OpenRefusal>> SqlWriteJournal::replan(TaskUid uid, ReplicaId by, EntryPlan plan) {
    return session_.write_in_order(
        SqlLock::plans,
        [uid, by = std::move(by),
         plan = std::move(plan)](SqlConnection& connection) -> std::optional<OpenRefusal> {
            if (const auto refusal = refusal_of(connection, plan)) return refusal;
            const auto changed = connection.run(
                "UPDATE journal SET logical = ?, physical = ?, epoch = ?, generation = ?, whole_index = ?, "
                "shards = ?, targets = ? WHERE uid = ? AND open = 1 AND replica = ?",
                plan.index.str(), plan.physical.str(), plan.epoch, plan.generation,
                plan.conflicts.whole_index, list_text(plan.conflicts.shards), list_text(plan.targets), uid,
                by.str());
            if (changed == 0) return OpenRefusal::taken_over;
            connection.run("DELETE FROM task_parts WHERE uid = ?", uid);
            plan_parts(connection, uid, plan);
            return std::nullopt;
        });
}

Async<std::vector<TaskUid>> SqlWriteJournal::open_before(TaskUid uid) {
    return session_.read([uid](SqlConnection& connection) {
        auto row = connection.query(
            "SELECT logical, others, whole_index, shards, opened_at FROM journal WHERE uid = ?", uid);
        if (!row.step()) return std::vector<TaskUid>();
        ConflictSet conflicts;
        for (auto& name : texts_in(row.text(1))) conflicts.others.emplace_back(std::move(name));
        conflicts.whole_index = row.integer(2) != 0;
        conflicts.shards = numbers_in(row.text(3));
        auto uids = open_conflicts(connection, LogicalIndexUid(row.text(0)), conflicts);
        std::erase_if(uids, [&](TaskUid other) {
            return other < first_hold ? other >= uid : opened_at(connection, other) >= row.integer(4);
        });
        return uids;
    });
}

Async<std::vector<TaskUid>> SqlWriteJournal::still_open(std::vector<TaskUid> uids) {
    return session_.read([uids = std::move(uids)](SqlConnection& connection) {
        std::vector<TaskUid> open;
        auto rows = connection.query("SELECT uid FROM journal WHERE open = 1 AND uid IN (" +
                                         connection.dialect().numbers_of_list + ") ORDER BY uid",
                                     list_text(uids));
        while (rows.step()) open.push_back(static_cast<TaskUid>(rows.integer(0)));
        return open;
    });
}

Async<std::uint64_t> SqlWriteJournal::count_open() {
    return session_.read([](SqlConnection& connection) { return open_entries(connection); });
}

Async<bool> SqlWriteJournal::close(TaskUid uid, ReplicaId by, EntryOutcome outcome) {
    const SqlLock lock = outcome.dirty.empty() ? SqlLock::none : SqlLock::ledger;
    return session_.write(
        lock, [this, uid, by = std::move(by), outcome = std::move(outcome)](SqlConnection& connection) {
            const auto closed = connection.run(
                "UPDATE journal SET open = 0 WHERE uid = ? AND open = 1 AND replica = ?", uid, by.str());
            if (closed == 0) return false;
            record_outcomes(connection, uid, outcome);
            add_marks(connection, outcome.dirty, session_.options().limits.dirty_ids_max);
            end_claim(connection, uid, outcome.claim);
            connection.run(forget_if_ended, uid);
            return true;
        });
}

Async<bool> SqlWriteJournal::belongs_to(TaskUid uid, ReplicaId by) {
    return session_.read([uid, by = std::move(by)](SqlConnection& connection) {
        auto row = connection.query(
            "SELECT 1 FROM journal WHERE uid = ? AND replica = ? AND (open = 1 OR operation <> '')", uid,
            by.str());
        return row.step();
    });
}

Async<std::set<LogicalIndexUid>> SqlWriteJournal::frozen() {
    return session_.read([](SqlConnection& connection) {
        std::set<LogicalIndexUid> indexes;
        auto rows = connection.query("SELECT logical FROM journal WHERE operation_state = ?",
                                     coordination::frozen_state);
        while (rows.step()) indexes.emplace(rows.text(0));
        return indexes;
    });
}

Async<bool> SqlWriteJournal::save_operation(TaskUid uid, ReplicaId by, std::string state) {
    return session_.write(
        SqlLock::none, [uid, by = std::move(by), state = std::move(state)](SqlConnection& connection) {
            const auto saved = connection.run(
                "UPDATE journal SET operation_state = ? WHERE uid = ? AND operation <> '' AND replica = ?",
                state, uid, by.str());
            if (state == coordination::frozen_state) raise_view(connection);
            return saved > 0;
        });
}

Async<bool> SqlWriteJournal::complete_operation(TaskUid uid, ReplicaId by) {
    return session_.write(SqlLock::none, [uid, by = std::move(by)](SqlConnection& connection) {
        const auto thawed = connection.run(
            "UPDATE journal SET operation_state = '' WHERE uid = ? AND replica = ? AND operation_state = ?",
            uid, by.str(), coordination::frozen_state);
        const auto completed = connection.run(
            "UPDATE journal SET operation = '', operation_body = '', operation_state = '' WHERE uid = ? "
            "AND replica = ?",
            uid, by.str());
        connection.run(forget_if_ended, uid);
        if (thawed > 0) raise_view(connection);
        return completed > 0;
    });
}

Async<std::vector<TaskUid>> SqlWriteJournal::operations_before(TaskUid uid, LogicalIndexUid index) {
    return session_.read([uid, index = std::move(index)](SqlConnection& connection) {
        std::vector<TaskUid> uids;
        auto rows = connection.query(
            "SELECT uid, logical, others FROM journal WHERE uid < ? AND operation <> '' ORDER BY uid", uid);
        while (rows.step()) {
            if (names_of(rows, 1).count(index.str()) != 0)
                uids.push_back(static_cast<TaskUid>(rows.integer(0)));
        }
        return uids;
    });
}

Async<std::vector<UnfinishedEntry>> SqlWriteJournal::unfinished() {
    return session_.read([](SqlConnection& connection) {
        std::vector<UnfinishedEntry> entries;
        auto rows = connection.query(select_entries + "ORDER BY uid");
        while (rows.step()) entries.push_back(entry_of(rows));
        return entries;
    });
}

Async<std::vector<UnfinishedEntry>> SqlWriteJournal::abandoned() {
    return session_.read([](SqlConnection& connection) {
        std::vector<UnfinishedEntry> entries;
        auto rows = connection.query(
            select_entries +
                "WHERE NOT EXISTS (SELECT 1 FROM peers WHERE id = replica AND expires_at > ?) ORDER BY uid",
            connection.now().us);
        while (rows.step()) entries.push_back(entry_of(rows));
        return entries;
    });
}

Async<std::optional<UnfinishedEntry>> SqlWriteJournal::take_over(TaskUid uid, ReplicaId from, ReplicaId to) {
    return session_.write(SqlLock::plans,
                          [uid, from = std::move(from),
                           to = std::move(to)](SqlConnection& connection) -> std::optional<UnfinishedEntry> {
                              if (is_live(connection, from)) return std::nullopt;
                              const auto taken = connection.run(
                                  "UPDATE journal SET replica = ?1 WHERE uid = ?2 AND replica IN (?1, ?3)",
                                  to.str(), uid, from.str());
                              if (taken == 0) return std::nullopt;
                              connection.run("UPDATE tasks SET replica = ? WHERE uid = ?", to.str(), uid);
                              auto row = connection.query(select_entries + "WHERE uid = ?", uid);
                              row.step();
                              return entry_of(row);
                          });
}

}  // namespace miroir::stores
