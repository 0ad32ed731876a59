#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace miroir {

using SteadyTime = std::chrono::steady_clock::time_point;

// Microseconds since the Unix epoch, UTC.
struct WallTime {
    std::int64_t us = 0;
    friend auto operator<=>(const WallTime&, const WallTime&) = default;
};

// The only source of time; tests pass a fake.
class Clock {
public:
    virtual ~Clock() = default;
    virtual WallTime wall() const = 0;
    virtual SteadyTime steady() const = 0;
};

// The machine's clocks.
const Clock& system_clock();

// RFC 3339, UTC, microseconds, trailing 'Z': "2026-11-25T16:12:11.000123Z".
std::string rfc3339(WallTime time);

// ISO 8601 duration as Meilisearch prints it: "PT0.009330S". Negative counts as zero.
std::string iso8601_duration(std::chrono::microseconds duration);

// The moment after which nobody waits for an answer any more; travels from the request to each socket.
class Deadline {
public:
    explicit Deadline(SteadyTime at) : at_(at) {}
    static Deadline in(std::chrono::milliseconds duration, const Clock& clock = system_clock()) {
        return Deadline(clock.steady() + duration);
    }
    SteadyTime at() const { return at_; }
    bool passed(const Clock& clock = system_clock()) const { return clock.steady() >= at_; }
    // Never negative.
    std::chrono::milliseconds left(const Clock& clock = system_clock()) const;
    // The earlier of the two.
    Deadline capped(std::chrono::milliseconds duration, const Clock& clock = system_clock()) const;

private:
    SteadyTime at_;
};

}  // namespace miroir
