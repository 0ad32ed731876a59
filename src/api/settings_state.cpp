#include "settings_state.hpp"

#include <algorithm>
#include <charconv>

#include "miroir/meili/error.hpp"

namespace miroir::api {

SettingsState settings_state(const cluster::Snapshot& before, const cluster::Snapshot& after,
                             const cluster::IndexEntry& index) {
    SettingsState state;
    state.version = index.settings_version;
    const auto now = after.find(index.logical);
    const bool committed_meanwhile =
        now && now->physical == index.physical && now->settings_version != index.settings_version;
    state.inconsistent = committed_meanwhile || before.unsettled.contains(index.physical) ||
                         after.unsettled.contains(index.physical);
    return state;
}

SettingsState joined(const std::optional<SettingsState>& left, const SettingsState& right) {
    if (!left) {
        return right;
    }
    return {std::min(left->version, right.version), left->inconsistent || right.inconsistent};
}

void add_settings_headers(http::Response& response, const SettingsState& state) {
    if (state.inconsistent) {
        response.headers.emplace_back("x-miroir-settings-inconsistent", "true");
    } else {
        response.headers.emplace_back("x-miroir-settings-version", std::to_string(state.version));
    }
}

Result<SettingsVersion> settings_floor(const http::Request& request) {
    const auto* value = request.header("x-miroir-min-settings-version");
    if (value == nullptr) {
        return SettingsVersion{0};
    }
    SettingsVersion floor = 0;
    const auto* const end = value->data() + value->size();
    const auto parsed = std::from_chars(value->data(), end, floor);
    if (parsed.ec != std::errc{} || parsed.ptr != end) {
        return meili::error("miroir_invalid_header",
                            "The header `X-Miroir-Min-Settings-Version` must be a whole number from 0.");
    }
    return floor;
}

Result<void> check_settings_floor(const cluster::Snapshot& snapshot, const cluster::IndexEntry& index,
                                  SettingsVersion floor) {
    if (floor != 0 && !snapshot.has_settings(index, floor)) {
        return meili::error("miroir_settings_version_stale", "No node has version " + std::to_string(floor) +
                                                                 " of the settings of index `" +
                                                                 index.logical.str() + "`.");
    }
    return ok();
}

}  // namespace miroir::api
