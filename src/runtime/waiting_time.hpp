#pragma once

#include <algorithm>
#include <chrono>

namespace miroir::runtime {

// Timers add it to the present: "for ever" must not overflow.
inline std::chrono::milliseconds capped_waiting_time(std::chrono::milliseconds duration) {
    constexpr std::chrono::milliseconds longest = std::chrono::hours(24 * 365);
    return std::clamp(duration, std::chrono::milliseconds(0), longest);
}

}  // namespace miroir::runtime
