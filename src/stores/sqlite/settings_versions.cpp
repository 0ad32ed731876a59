#include "settings_versions.hpp"

namespace miroir::stores {

using coordination::AppliedSettings;
using sqlite::Connection;

Async<std::vector<AppliedSettings>> SqliteSettingsVersions::all() {
    return session_.read([](Connection& connection) {
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

Async<void> SqliteSettingsVersions::record(std::vector<AppliedSettings> applied) {
    return session_.write([applied = std::move(applied)](Connection& connection) {
        for (const AppliedSettings& settings : applied) {
            connection.run(
                "INSERT INTO applied_settings (physical, node, version) VALUES (?, ?, ?) "
                "ON CONFLICT DO UPDATE SET version = MAX(version, excluded.version)",
                settings.index.str(), settings.node.str(), settings.version);
        }
    });
}

Async<void> SqliteSettingsVersions::forget(PhysicalIndexUid index, NodeId node) {
    return session_.write([index = std::move(index), node = std::move(node)](Connection& connection) {
        connection.run("DELETE FROM applied_settings WHERE physical = ? AND node = ?", index.str(),
                       node.str());
    });
}

Async<void> SqliteSettingsVersions::forget_index(PhysicalIndexUid index) {
    return session_.write([index = std::move(index)](Connection& connection) {
        connection.run("DELETE FROM applied_settings WHERE physical = ?", index.str());
    });
}

}  // namespace miroir::stores
