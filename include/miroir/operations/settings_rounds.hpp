#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "miroir/base/ids.hpp"

namespace miroir::operations {

// What a node says of an index's settings after a change, as a client would read it; empty when the answer
// cannot be read as settings.
struct SettingsReading {
    NodeId node;
    std::optional<std::string> settings_json;
};

// The nodes that do not say what was proposed.
std::vector<NodeId> divergent_nodes(const std::string& proposed,
                                    const std::vector<SettingsReading>& readings);

// When a settings change that could not be committed is tried again, and when writes freeze meanwhile.
class SettingsRounds {
public:
    struct Next {
        std::chrono::milliseconds pause{};
        bool frozen = false;
    };

    // `frozen`: an earlier process has frozen the index over this change.
    SettingsRounds(std::uint32_t repair_retries_max, std::chrono::milliseconds pause_min, bool frozen);

    // After a round in which nodes said something else: the pause doubles, and the repetition after the last
    // allowed one is made with writes frozen.
    Next divergent();
    // After a round that no node took part in to its end; such rounds are not counted.
    Next unreachable() const;

private:
    const std::uint32_t repair_retries_max_;
    const std::chrono::milliseconds pause_min_;
    std::uint32_t divergent_ = 0;
    bool frozen_ = false;
};

}  // namespace miroir::operations
