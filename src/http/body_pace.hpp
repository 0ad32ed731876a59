#pragma once

#include <chrono>
#include <cstdint>

#include "miroir/base/clock.hpp"

namespace miroir::http {

// Whether a body comes fast enough: each `span` must bring as much as the slowest pace that is allowed.
class BodyPace {
public:
    BodyPace(std::chrono::milliseconds span, std::uint64_t bytes_per_second_min, const Clock& clock)
        : span_(span),
          bytes_min_(bytes_per_second_min * static_cast<std::uint64_t>(span.count()) / 1000),
          clock_(clock),
          due_(clock.steady() + span) {}

    void received(std::size_t bytes) {
        total_ += bytes;
        in_span_ += bytes;
        if (in_span_ < bytes_min_) return;
        in_span_ = 0;
        due_ = clock_.steady() + span_;
    }
    // When what has been received is too little.
    SteadyTime due() const { return due_; }
    bool stalled() const { return in_span_ == 0; }
    std::uint64_t total() const { return total_; }

private:
    const std::chrono::milliseconds span_;
    const std::uint64_t bytes_min_;
    const Clock& clock_;
    std::uint64_t total_ = 0;
    std::uint64_t in_span_ = 0;
    SteadyTime due_;
};

}  // namespace miroir::http
