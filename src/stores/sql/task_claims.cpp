#include "task_claims.hpp"

namespace miroir::stores {

using coordination::ClaimEnd;
using coordination::RepeatedTask;
using coordination::StoreLimits;
using coordination::TaskClaim;
using coordination::TaskRecord;

namespace {

// How many old claims go with each new one at most.
constexpr int removed_at_once = 20;

bool is_open(SqlConnection& connection, TaskUid uid) {
    auto row = connection.query("SELECT 1 FROM journal WHERE uid = ? AND open = 1", uid);
    return row.step();
}

void remove_old(SqlConnection& connection, const StoreLimits& limits) {
    const auto oldest = connection.now().us - std::chrono::microseconds(limits.claim_ttl).count();
    const std::string some = " ORDER BY made_at, uid LIMIT " + std::to_string(removed_at_once);
    connection.run(
        "DELETE FROM claims WHERE scope IN (SELECT scope FROM claims WHERE made_at <= ?" + some + ")",
        oldest);
    auto count = connection.query("SELECT COUNT(*) FROM claims");
    count.step();
    if (static_cast<std::uint64_t>(count.integer(0)) >= limits.claims_max) {
        connection.run("DELETE FROM claims WHERE scope IN (SELECT scope FROM claims" + some + ")");
    }
}

}  // namespace

std::optional<RepeatedTask> find_claim(SqlConnection& connection, const TaskClaim& claim,
                                       const StoreLimits& limits) {
    auto row = connection.query(
        "SELECT uid, type, index_uid, metadata, enqueued_at, body, accepted, made_at FROM claims WHERE scope "
        "= ?",
        claim.scope);
    if (!row.step()) {
        return std::nullopt;
    }
    RepeatedTask task;
    task.uid = static_cast<TaskUid>(row.integer(0));
    task.type = row.text(1);
    task.index_uid = row.optional_text(2);
    task.custom_metadata = row.optional_text(3);
    task.enqueued_at = {row.integer(4)};
    task.same_body = row.text(5) == claim.body;
    task.accepted = row.integer(6) != 0;
    const auto age = std::chrono::microseconds(connection.now().us - row.integer(7));
    if (age >= limits.claim_ttl || (!task.accepted && !is_open(connection, task.uid))) {
        return std::nullopt;
    }
    return task;
}

void keep_claim(SqlConnection& connection, const TaskClaim& claim, const TaskRecord& task, bool accepted,
                const StoreLimits& limits) {
    connection.run("DELETE FROM claims WHERE scope = ?", claim.scope);
    remove_old(connection, limits);
    connection.run(
        "INSERT INTO claims (scope, body, uid, type, index_uid, metadata, enqueued_at, accepted, made_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        claim.scope, claim.body, task.uid, task.type, task.index_uid, task.custom_metadata,
        task.enqueued_at.us, accepted, connection.now().us);
}

void end_claim(SqlConnection& connection, TaskUid uid, ClaimEnd end) {
    if (end == ClaimEnd::accepted) {
        connection.run("UPDATE claims SET accepted = 1 WHERE uid = ?", uid);
    } else if (end == ClaimEnd::withdrawn) {
        connection.run("DELETE FROM claims WHERE uid = ?", uid);
    }
}

}  // namespace miroir::stores
