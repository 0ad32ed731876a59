#pragma once

#include <optional>
#include <string>

#include "miroir/base/result.hpp"
#include "miroir/cluster/snapshot.hpp"
#include "miroir/http/message.hpp"

namespace miroir::api {

// What an answer tells about the settings that it was made with.
struct SettingsState {
    SettingsVersion version = 0;
    // Nodes may have had different ones.
    bool inconsistent = false;
};

// `before` and `after`: the snapshot that the read was made with, and the one after it.
SettingsState settings_state(const cluster::Snapshot& before, const cluster::Snapshot& after,
                             const cluster::IndexEntry& index);

// Of an answer from several indexes: the oldest version.
SettingsState joined(const std::optional<SettingsState>& left, const SettingsState& right);

// X-Miroir-Settings-Version, or X-Miroir-Settings-Inconsistent.
void add_settings_headers(http::Response& response, const SettingsState& state);

// The floor of X-Miroir-Min-Settings-Version; 0 without the header.
Result<SettingsVersion> settings_floor(const http::Request& request);

// Refuses when no node has settings of version `floor`.
Result<void> check_settings_floor(const cluster::Snapshot& snapshot, const cluster::IndexEntry& index,
                                  SettingsVersion floor);

}  // namespace miroir::api
