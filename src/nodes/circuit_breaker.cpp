#include "miroir/nodes/circuit_breaker.hpp"

#include <algorithm>

namespace miroir::nodes {

CircuitBreaker::CircuitBreaker(BreakerLimits limits, const Clock& clock)
    : limits_(limits), clock_(clock), open_for_(limits.open_for) {}

bool CircuitBreaker::admit() {
    const std::lock_guard lock(mutex_);
    if (held_) {
        return false;
    }
    if (state_ == State::closed) {
        return true;
    }
    if (state_ == State::open && clock_.steady() < open_until_) {
        return false;
    }
    state_ = State::half_open;
    if (trial_running_) {
        return false;
    }
    trial_running_ = true;
    return true;
}

void CircuitBreaker::succeeded() {
    const std::lock_guard lock(mutex_);
    trial_running_ = false;
    failures_ = 0;
    if (!held_) {
        state_ = State::closed;
        open_for_ = limits_.open_for;
    }
}

void CircuitBreaker::failed(bool certain) {
    const std::lock_guard lock(mutex_);
    ++failures_;
    if (state_ == State::half_open) {
        trial_running_ = false;
        open_for_ = std::min(open_for_ * 2, limits_.open_for_max);
        open_locked();
    } else if (state_ == State::closed && (certain || failures_ >= limits_.failures_max)) {
        open_locked();
    }
}

bool CircuitBreaker::is_open() const {
    const std::lock_guard lock(mutex_);
    return held_ || state_ != State::closed;
}

void CircuitBreaker::hold_open() {
    const std::lock_guard lock(mutex_);
    held_ = true;
    open_locked();
}

void CircuitBreaker::close() {
    const std::lock_guard lock(mutex_);
    held_ = false;
    trial_running_ = false;
    failures_ = 0;
    state_ = State::closed;
    open_for_ = limits_.open_for;
}

void CircuitBreaker::open_locked() {
    state_ = State::open;
    open_until_ = clock_.steady() + open_for_;
}

}  // namespace miroir::nodes
