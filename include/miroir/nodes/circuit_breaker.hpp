#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>

#include "miroir/base/clock.hpp"

namespace miroir::nodes {

struct BreakerLimits {
    // A refused connection opens at once; other failures after so many in a row.
    std::uint32_t failures_max = 3;
    // How long an open breaker lets nothing through; doubles with each failed trial up to the maximum.
    std::chrono::milliseconds open_for{500};
    std::chrono::milliseconds open_for_max{10'000};
};

// Passive health of one node: closed, open, or half-open (one trial at a time). Thread safe.
class CircuitBreaker {
public:
    CircuitBreaker(BreakerLimits limits, const Clock& clock);

    // True when a request may be sent now. In the half-open state only one caller gets true until it reports.
    bool admit();
    void succeeded();
    // `certain`: the node is surely not there (refused), so the breaker opens at once.
    void failed(bool certain);
    bool is_open() const;
    // Keeps it open until close() is called, whatever time passes: the node has to be inspected first.
    void hold_open();
    void close();

private:
    enum class State { closed, open, half_open };
    void open_locked();

    const BreakerLimits limits_;
    const Clock& clock_;
    mutable std::mutex mutex_;
    State state_ = State::closed;
    bool held_ = false;
    bool trial_running_ = false;
    std::uint32_t failures_ = 0;
    std::chrono::milliseconds open_for_{0};
    SteadyTime open_until_{};
};

}  // namespace miroir::nodes
