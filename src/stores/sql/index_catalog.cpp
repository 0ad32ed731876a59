#include "index_catalog.hpp"

#include <algorithm>

#include "view.hpp"

namespace miroir::stores {

using coordination::CatalogChange;

namespace {

const std::string select_entries =
    "SELECT logical, physical, generation, primary_key, shards, placement, settings, settings_version, "
    "created_at, updated_at FROM indexes ";

cluster::IndexEntry entry_of(const SqlRows& row) {
    cluster::IndexEntry entry;
    entry.logical = LogicalIndexUid(row.text(0));
    entry.physical = PhysicalIndexUid(row.text(1));
    entry.generation = static_cast<Generation>(row.integer(2));
    entry.primary_key = row.optional_text(3);
    entry.shards = static_cast<std::uint32_t>(row.integer(4));
    entry.placement = cluster::placement_from_json(row.text(5));
    entry.settings_json = row.text(6);
    entry.settings_version = static_cast<SettingsVersion>(row.integer(7));
    entry.created_at = {row.integer(8)};
    entry.updated_at = {row.integer(9)};
    return entry;
}

// Higher than every generation that `uid` has had and than `above`.
Generation issue_generation(SqlConnection& connection, const LogicalIndexUid& uid, Generation above) {
    auto row = connection.query("SELECT last FROM index_generations WHERE logical = ?", uid.str());
    const Generation last = row.step() ? static_cast<Generation>(row.integer(0)) : 0;
    const Generation next = std::max(last, above) + 1;
    connection.run(
        "INSERT INTO index_generations (logical, last) VALUES (?, ?) ON CONFLICT (logical) DO UPDATE SET "
        "last = excluded.last",
        uid.str(), next);
    return next;
}

CatalogChange compare(SqlConnection& connection, const LogicalIndexUid& uid, Generation expected) {
    const Generation current = current_generation(connection, uid);
    if (current == 0) return CatalogChange::not_found;
    return current == expected ? CatalogChange::done : CatalogChange::stale_generation;
}

void mark_changed(SqlConnection& connection, const LogicalIndexUid& uid, Generation expected, WallTime now) {
    const Generation generation = issue_generation(connection, uid, expected);
    connection.run("UPDATE indexes SET generation = ?, updated_at = ? WHERE logical = ?", generation, now.us,
                   uid.str());
    raise_view(connection);
}

}  // namespace

Generation current_generation(SqlConnection& connection, const LogicalIndexUid& uid) {
    auto row = connection.query("SELECT generation FROM indexes WHERE logical = ?", uid.str());
    return row.step() ? static_cast<Generation>(row.integer(0)) : 0;
}

Async<std::vector<cluster::IndexEntry>> SqlIndexCatalog::list() {
    return session_.read([](SqlConnection& connection) {
        std::vector<cluster::IndexEntry> entries;
        auto rows = connection.query(select_entries + "ORDER BY logical");
        while (rows.step()) entries.push_back(entry_of(rows));
        return entries;
    });
}

Async<std::optional<cluster::IndexEntry>> SqlIndexCatalog::find(LogicalIndexUid uid) {
    return session_.read(
        [uid = std::move(uid)](SqlConnection& connection) -> std::optional<cluster::IndexEntry> {
            auto row = connection.query(select_entries + "WHERE logical = ?", uid.str());
            if (!row.step()) return std::nullopt;
            return entry_of(row);
        });
}

Async<std::optional<cluster::IndexEntry>> SqlIndexCatalog::create(cluster::IndexEntry entry) {
    return session_.write(
        SqlLock::plans,
        [entry = std::move(entry)](SqlConnection& connection) mutable -> std::optional<cluster::IndexEntry> {
            if (current_generation(connection, entry.logical) != 0) return std::nullopt;
            const auto fresh =
                connection.run("INSERT INTO used_physical_uids (physical) VALUES (?) ON CONFLICT DO NOTHING",
                               entry.physical.str());
            if (fresh == 0) return std::nullopt;
            entry.generation = issue_generation(connection, entry.logical, 0);
            entry.created_at = entry.updated_at = connection.now();
            connection.run(
                "INSERT INTO indexes (logical, physical, generation, primary_key, shards, placement, "
                "settings, "
                "settings_version, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                entry.logical.str(), entry.physical.str(), entry.generation, entry.primary_key, entry.shards,
                cluster::to_json(entry.placement), entry.settings_json, entry.settings_version,
                entry.created_at.us, entry.updated_at.us);
            raise_view(connection);
            return std::move(entry);
        });
}

Async<CatalogChange> SqlIndexCatalog::set_primary_key(LogicalIndexUid uid, Generation expected,
                                                      std::string key) {
    return session_.write(SqlLock::plans, [uid = std::move(uid), expected,
                                           key = std::move(key)](SqlConnection& connection) {
        const CatalogChange change = compare(connection, uid, expected);
        if (change != CatalogChange::done) return change;
        const auto set = connection.run(
            "UPDATE indexes SET primary_key = ? WHERE logical = ? AND primary_key IS NULL", key, uid.str());
        if (set == 0) return CatalogChange::stale_generation;
        mark_changed(connection, uid, expected, connection.now());
        return CatalogChange::done;
    });
}

Async<CatalogChange> SqlIndexCatalog::change_primary_key(LogicalIndexUid uid, Generation expected,
                                                         std::optional<std::string> key) {
    return session_.write(
        SqlLock::plans, [uid = std::move(uid), expected, key = std::move(key)](SqlConnection& connection) {
            const CatalogChange change = compare(connection, uid, expected);
            if (change != CatalogChange::done) return change;
            connection.run("UPDATE indexes SET primary_key = ? WHERE logical = ?", key, uid.str());
            mark_changed(connection, uid, expected, connection.now());
            return CatalogChange::done;
        });
}

Async<CatalogChange> SqlIndexCatalog::rename(LogicalIndexUid uid, Generation expected, LogicalIndexUid to) {
    return session_.write(
        SqlLock::plans, [uid = std::move(uid), expected, to = std::move(to)](SqlConnection& connection) {
            const CatalogChange change = compare(connection, uid, expected);
            if (change != CatalogChange::done) return change;
            if (current_generation(connection, to) != 0) return CatalogChange::name_taken;
            connection.run("UPDATE indexes SET logical = ? WHERE logical = ?", to.str(), uid.str());
            mark_changed(connection, to, expected, connection.now());
            return CatalogChange::done;
        });
}

namespace {

// No index can have this uid: a name that one of two waits under while they change places.
const LogicalIndexUid nobody(" swap");

void move_name(SqlConnection& connection, const LogicalIndexUid& from, const LogicalIndexUid& to,
               TaskUid below) {
    connection.run("UPDATE indexes SET logical = ? WHERE logical = ?", to.str(), from.str());
    connection.run("UPDATE tasks SET index_uid = ? WHERE index_uid = ? AND uid < ?", to.str(), from.str(),
                   below);
}

CatalogChange check_swaps(SqlConnection& connection, const std::vector<coordination::NameSwap>& swaps) {
    for (const auto& swap : swaps) {
        const bool known = current_generation(connection, swap.to) != 0;
        if (current_generation(connection, swap.from) == 0 || (!swap.rename && !known)) {
            return CatalogChange::not_found;
        }
        if (swap.rename && known) {
            return CatalogChange::name_taken;
        }
    }
    return CatalogChange::done;
}

}  // namespace

Async<CatalogChange> SqlIndexCatalog::swap(std::vector<coordination::NameSwap> swaps, TaskUid below) {
    return session_.write(SqlLock::plans, [swaps = std::move(swaps), below](SqlConnection& connection) {
        const CatalogChange change = check_swaps(connection, swaps);
        if (change != CatalogChange::done) return change;
        for (const auto& swap : swaps) {
            const Generation above =
                std::max(current_generation(connection, swap.from), current_generation(connection, swap.to));
            move_name(connection, swap.to, nobody, below);
            move_name(connection, swap.from, swap.to, below);
            move_name(connection, nobody, swap.from, below);
            mark_changed(connection, swap.to, above, connection.now());
            if (!swap.rename) mark_changed(connection, swap.from, above, connection.now());
        }
        return CatalogChange::done;
    });
}

Async<CatalogChange> SqlIndexCatalog::set_settings(LogicalIndexUid uid, Generation expected,
                                                   std::string settings_json) {
    return session_.write(
        SqlLock::plans, [uid = std::move(uid), expected,
                         settings_json = std::move(settings_json)](SqlConnection& connection) {
            const CatalogChange change = compare(connection, uid, expected);
            if (change != CatalogChange::done) return change;
            connection.run(
                "UPDATE indexes SET settings = ?, settings_version = settings_version + 1 WHERE logical = ?",
                settings_json, uid.str());
            mark_changed(connection, uid, expected, connection.now());
            return CatalogChange::done;
        });
}

Async<CatalogChange> SqlIndexCatalog::remove(LogicalIndexUid uid, Generation expected) {
    return session_.write(SqlLock::plans, [uid = std::move(uid), expected](SqlConnection& connection) {
        const CatalogChange change = compare(connection, uid, expected);
        if (change != CatalogChange::done) return change;
        connection.run("DELETE FROM indexes WHERE logical = ?", uid.str());
        raise_view(connection);
        return change;
    });
}

Async<std::vector<PhysicalIndexUid>> SqlIndexCatalog::removed_among(std::vector<PhysicalIndexUid> uids) {
    return session_.read([uids = std::move(uids)](SqlConnection& connection) {
        std::vector<PhysicalIndexUid> removed;
        for (const auto& uid : uids) {
            auto row = connection.query(
                "SELECT 1 FROM used_physical_uids WHERE physical = ?1 AND NOT EXISTS "
                "(SELECT 1 FROM indexes WHERE physical = ?1)",
                uid.str());
            if (row.step()) removed.push_back(uid);
        }
        return removed;
    });
}

Async<void> SqlIndexCatalog::touch(LogicalIndexUid uid) {
    return session_.write(SqlLock::plans, [uid = std::move(uid)](SqlConnection& connection) {
        connection.run("UPDATE indexes SET updated_at = ? WHERE logical = ?", connection.now().us, uid.str());
    });
}

}  // namespace miroir::stores
