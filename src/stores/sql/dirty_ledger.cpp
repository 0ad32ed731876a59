#include "dirty_ledger.hpp"

#include <algorithm>

#include "view.hpp"

namespace miroir::stores {

using coordination::DirtyCopy;
using coordination::DirtyMark;

namespace {

struct Row {
    bool all = false;
    std::int64_t ids = 0;
    std::string reference;
    std::int64_t reference_since = 0;
    std::int64_t newest = 0;
};

const std::string of_copy = " WHERE physical = ? AND shard = ? AND node = ?";

Row row_of(SqlConnection& connection, const cluster::CopyRef& copy) {
    auto found = connection.query(
        "SELECT all_ids, ids, reference, reference_since, newest FROM dirty_copies" + of_copy,
        copy.index.str(), copy.shard, copy.node.str());
    if (!found.step()) return {};
    return {found.integer(0) != 0, found.integer(1), found.text(2), found.integer(3), found.integer(4)};
}

void drop_ids(SqlConnection& connection, const cluster::CopyRef& copy) {
    connection.run("DELETE FROM dirty_ids" + of_copy, copy.index.str(), copy.shard, copy.node.str());
}

void add_ids(SqlConnection& connection, const DirtyMark& mark, std::int64_t ids_max, Row& row) {
    const cluster::CopyRef& copy = mark.copy;
    for (const std::string& id : *mark.ids) {
        row.ids += connection.run(
            "INSERT INTO dirty_ids (physical, shard, node, id) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            copy.index.str(), copy.shard, copy.node.str(), id);
        if (row.ids <= ids_max) continue;
        row.all = true;
        return;
    }
}

// Revisions are unique in the whole ledger, so that a repair of a copy that was cleared and marked again
// since cannot clear the new mark.
std::int64_t issue_revision(SqlConnection& connection) {
    auto row = connection.query(
        "UPDATE counters SET value = value + 1 WHERE name = 'ledger_revision' RETURNING value - 1");
    row.step();
    const std::int64_t revision = row.integer(0);
    row.step();
    return revision;
}

void add_mark(SqlConnection& connection, const DirtyMark& mark, std::int64_t ids_max) {
    const cluster::CopyRef& copy = mark.copy;
    Row row = row_of(connection, copy);
    row.all = row.all || !mark.ids;
    if (!row.all) add_ids(connection, mark, ids_max, row);
    if (row.all && row.ids > 0) {
        drop_ids(connection, copy);
        row.ids = 0;
    }
    const std::int64_t since = mark.since;
    if (!mark.reference.empty() && since >= row.reference_since) {
        row.reference = mark.reference.str();
        row.reference_since = since;
    }
    connection.run(
        "INSERT INTO dirty_copies (physical, shard, node, all_ids, ids, reason, reference, reference_since, "
        "newest, revision) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (physical, shard, node) DO "
        "UPDATE "
        "SET all_ids = excluded.all_ids, ids = excluded.ids, reason = excluded.reason, reference = "
        "excluded.reference, reference_since = excluded.reference_since, newest = excluded.newest, revision "
        "= "
        "excluded.revision",
        copy.index.str(), copy.shard, copy.node.str(), row.all, row.ids, mark.reason, row.reference,
        row.reference_since, std::max(row.newest, since), issue_revision(connection));
}

}  // namespace

void add_marks(SqlConnection& connection, const std::vector<DirtyMark>& marks, std::size_t ids_max) {
    for (const DirtyMark& mark : marks) add_mark(connection, mark, static_cast<std::int64_t>(ids_max));
    if (!marks.empty()) raise_view(connection);
}

Async<void> SqlDirtyLedger::mark(std::vector<DirtyMark> marks) {
    return session_.write(SqlLock::ledger, [this, marks = std::move(marks)](SqlConnection& connection) {
        add_marks(connection, marks, session_.options().limits.dirty_ids_max);
    });
}

Async<std::set<cluster::CopyRef>> SqlDirtyLedger::copies() {
    return session_.read([](SqlConnection& connection) {
        std::set<cluster::CopyRef> copies;
        auto rows = connection.query("SELECT physical, shard, node FROM dirty_copies");
        while (rows.step()) {
            copies.insert({PhysicalIndexUid(rows.text(0)), static_cast<ShardId>(rows.integer(1)),
                           NodeId(rows.text(2))});
        }
        return copies;
    });
}

Async<std::optional<DirtyCopy>> SqlDirtyLedger::find(cluster::CopyRef copy) {
    return session_.read([copy = std::move(copy)](SqlConnection& connection) -> std::optional<DirtyCopy> {
        auto row = connection.query("SELECT all_ids, reference, newest, revision FROM dirty_copies" + of_copy,
                                    copy.index.str(), copy.shard, copy.node.str());
        if (!row.step()) return std::nullopt;
        DirtyCopy found;
        found.copy = copy;
        found.all = row.integer(0) != 0;
        found.reference = NodeId(row.text(1));
        found.newest = static_cast<TaskUid>(row.integer(2));
        found.revision = static_cast<std::uint64_t>(row.integer(3));
        auto ids = connection.query("SELECT id FROM dirty_ids" + of_copy + " ORDER BY id", copy.index.str(),
                                    copy.shard, copy.node.str());
        while (ids.step()) found.ids.push_back(ids.text(0));
        return found;
    });
}

Async<bool> SqlDirtyLedger::clear(cluster::CopyRef copy, std::uint64_t revision) {
    return session_.write(SqlLock::ledger, [copy = std::move(copy), revision](SqlConnection& connection) {
        auto newer = connection.query("SELECT 1 FROM dirty_copies" + of_copy + " AND revision > ?",
                                      copy.index.str(), copy.shard, copy.node.str(), revision);
        if (newer.step()) return false;
        connection.run("DELETE FROM dirty_copies" + of_copy, copy.index.str(), copy.shard, copy.node.str());
        drop_ids(connection, copy);
        raise_view(connection);
        return true;
    });
}

Async<void> SqlDirtyLedger::forget(PhysicalIndexUid index) {
    return session_.write(SqlLock::ledger, [index = std::move(index)](SqlConnection& connection) {
        connection.run("DELETE FROM dirty_copies WHERE physical = ?", index.str());
        connection.run("DELETE FROM dirty_ids WHERE physical = ?", index.str());
        raise_view(connection);
    });
}

}  // namespace miroir::stores
