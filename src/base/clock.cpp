#include "miroir/base/clock.hpp"

#include <algorithm>
#include <cstdio>
#include <ctime>

namespace miroir {

namespace {

class SystemClock final : public Clock {
public:
    WallTime wall() const override {
        const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
        return {std::chrono::duration_cast<std::chrono::microseconds>(since_epoch).count()};
    }
    SteadyTime steady() const override { return std::chrono::steady_clock::now(); }
};

constexpr std::int64_t us_per_second = 1'000'000;

}  // namespace

const Clock& system_clock() {
    static const SystemClock clock;
    return clock;
}

std::string rfc3339(WallTime time) {
    std::int64_t seconds = time.us / us_per_second;
    std::int64_t us = time.us % us_per_second;
    if (us < 0) {
        us += us_per_second;
        --seconds;
    }
    const auto unix_seconds = static_cast<std::time_t>(seconds);
    std::tm utc{};
    gmtime_r(&unix_seconds, &utc);
    char text[64];
    const int length =
        std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ", utc.tm_year + 1900,
                      utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, static_cast<int>(us));
    return std::string(text, static_cast<std::size_t>(length));
}

std::string iso8601_duration(std::chrono::microseconds duration) {
    const std::int64_t us = std::max<std::int64_t>(duration.count(), 0);
    char text[48];
    const int length =
        std::snprintf(text, sizeof text, "PT%lld.%06lldS", static_cast<long long>(us / us_per_second),
                      static_cast<long long>(us % us_per_second));
    return std::string(text, static_cast<std::size_t>(length));
}

std::chrono::milliseconds Deadline::left(const Clock& clock) const {
    const auto now = clock.steady();
    if (at_ <= now) return std::chrono::milliseconds(0);
    // Rounded up: who waits this long finds the deadline passed.
    return std::chrono::ceil<std::chrono::milliseconds>(at_ - now);
}

Deadline Deadline::capped(std::chrono::milliseconds duration, const Clock& clock) const {
    const auto now = clock.steady();
    if (at_ <= now || at_ - now <= duration) return *this;
    return Deadline(now + duration);
}

}  // namespace miroir
