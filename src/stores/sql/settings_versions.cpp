#include "settings_versions.hpp"

#include "view.hpp"

namespace miroir::stores {

using coordination::AppliedSettings;

Async<std::vector<AppliedSettings>> SqlSettingsVersions::all() {
    return session_.read([](SqlConnection& connection) {
        std::vector<AppliedSettings> applied;
        auto rows =
            connection.query("SELECT physical, node, version FROM applied_settings ORDER BY physical, node");
        while (rows.step()) {
            applied.push_back({PhysicalIndexUid(rows.text(0)), NodeId(rows.text(1)),
                               static_cast<SettingsVersion>(rows.integer(2))});
        }
        return applied;
    });
}

Async<void> SqlSettingsVersions::record(std::vector<AppliedSettings> applied) {
    return session_.write(SqlLock::none, [applied = std::move(applied)](SqlConnection& connection) {
        for (const AppliedSettings& settings : applied) {
            connection.run(
                "INSERT INTO applied_settings (physical, node, version) VALUES (?, ?, ?) "
                "ON CONFLICT (physical, node) DO UPDATE SET version = excluded.version "
                "WHERE applied_settings.version < excluded.version",
                settings.index.str(), settings.node.str(), settings.version);
        }
        raise_view(connection);
    });
}

Async<void> SqlSettingsVersions::forget(PhysicalIndexUid index, NodeId node) {
    return session_.write(SqlLock::none,
                          [index = std::move(index), node = std::move(node)](SqlConnection& connection) {
                              connection.run("DELETE FROM applied_settings WHERE physical = ? AND node = ?",
                                             index.str(), node.str());
                              raise_view(connection);
                          });
}

Async<void> SqlSettingsVersions::forget_index(PhysicalIndexUid index) {
    return session_.write(SqlLock::none, [index = std::move(index)](SqlConnection& connection) {
        connection.run("DELETE FROM applied_settings WHERE physical = ?", index.str());
        raise_view(connection);
    });
}

}  // namespace miroir::stores
