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

void count(SqlConnection& connection, std::int64_t more) {
    connection.run("UPDATE counters SET value = value + ? WHERE name = 'claims'", more);
}

std::uint64_t counted(SqlConnection& connection) {
    auto row = connection.query("SELECT value FROM counters WHERE name = 'claims'");
    row.step();
    return static_cast<std::uint64_t>(row.integer(0));
}

// Never those whose entries may be open.
void remove_old(SqlConnection& connection, const StoreLimits& limits) {
    const auto oldest = connection.now().us - std::chrono::microseconds(limits.claim_ttl).count();
    const std::string some = " ORDER BY made_at, uid LIMIT " + std::to_string(removed_at_once);
    auto removed = connection.run(
        "DELETE FROM claims WHERE scope IN (SELECT scope FROM claims WHERE made_at <= ?" + some + ")",
        oldest);
    if (counted(connection) >= limits.claims_max) {
        removed += connection.run(
            "DELETE FROM claims WHERE scope IN (SELECT scope FROM claims WHERE accepted = 1" + some + ")");
    }
    count(connection, -removed);
}

}  // namespace

std::optional<RepeatedTask> find_claim(SqlConnection& connection, const TaskClaim& claim,
                                       const StoreLimits& limits) {
    // One statement: whether the claim is accepted and whether its entry is open, at one moment.
    auto row = connection.query(
        "SELECT c.uid, c.type, c.index_uid, c.metadata, c.enqueued_at, c.body, c.accepted, c.made_at, "
        "CASE WHEN EXISTS (SELECT 1 FROM journal j WHERE j.uid = c.uid AND j.open = 1) THEN 1 ELSE 0 END "
        "FROM claims c WHERE c.scope = ?",
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
    if (age >= limits.claim_ttl || (!task.accepted && row.integer(8) == 0)) {
        return std::nullopt;
    }
    return task;
}

void keep_claim(SqlConnection& connection, const TaskClaim& claim, const TaskRecord& task, bool accepted,
                const StoreLimits& limits) {
    count(connection, 1 - connection.run("DELETE FROM claims WHERE scope = ?", claim.scope));
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
        count(connection, -connection.run("DELETE FROM claims WHERE uid = ?", uid));
    }
}

}  // namespace miroir::stores
