#include "miroir/operations/settings_rounds.hpp"

#include <algorithm>

namespace miroir::operations {

namespace {

constexpr std::chrono::milliseconds pause_max{30'000};
constexpr std::uint32_t doublings_max = 20;

}  // namespace

std::vector<NodeId> divergent_nodes(const std::string& proposed,
                                    const std::vector<SettingsReading>& readings) {
    std::vector<NodeId> nodes;
    for (const auto& reading : readings) {
        if (reading.settings_json != proposed) {
            nodes.push_back(reading.node);
        }
    }
    return nodes;
}

SettingsRounds::SettingsRounds(std::uint32_t repair_retries_max, std::chrono::milliseconds pause_min,
                               bool frozen)
    : repair_retries_max_(repair_retries_max), pause_min_(pause_min), frozen_(frozen) {}

SettingsRounds::Next SettingsRounds::divergent() {
    const auto doublings = std::min(divergent_, doublings_max);
    ++divergent_;
    frozen_ = frozen_ || divergent_ > repair_retries_max_;
    return {std::min(pause_min_ * (1U << doublings), pause_max), frozen_};
}

SettingsRounds::Next SettingsRounds::unreachable() const {
    return {pause_min_, frozen_};
}

}  // namespace miroir::operations
