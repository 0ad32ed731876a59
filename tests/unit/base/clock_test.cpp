#include "miroir/base/clock.hpp"

#include <gtest/gtest.h>

namespace miroir {
namespace {

using namespace std::chrono_literals;

class StoppedClock final : public Clock {
public:
    WallTime wall() const override { return {}; }
    SteadyTime steady() const override { return now; }
    SteadyTime now{1h};
};

TEST(Rfc3339, PrintsMicrosecondsInUtc) {
    EXPECT_EQ(rfc3339({0}), "1970-01-01T00:00:00.000000Z");
    EXPECT_EQ(rfc3339({1'795'623'131'000'123}), "2026-11-25T16:12:11.000123Z");
}

TEST(Rfc3339, CountsBackwardsBeforeTheEpoch) {
    EXPECT_EQ(rfc3339({-1}), "1969-12-31T23:59:59.999999Z");
}

TEST(Iso8601Duration, PrintsSecondsWithSixDigits) {
    EXPECT_EQ(iso8601_duration(9'330us), "PT0.009330S");
    EXPECT_EQ(iso8601_duration(75s + 5us), "PT75.000005S");
}

TEST(Iso8601Duration, NegativeCountsAsZero) {
    EXPECT_EQ(iso8601_duration(-5us), "PT0.000000S");
}

TEST(Deadline, LeavesNothingOncePassed) {
    StoppedClock clock;
    const auto deadline = Deadline::in(10ms, clock);
    EXPECT_EQ(deadline.left(clock), 10ms);
    EXPECT_FALSE(deadline.passed(clock));
    clock.now += 10ms;
    EXPECT_EQ(deadline.left(clock), 0ms);
    EXPECT_TRUE(deadline.passed(clock));
    clock.now += 1h;
    EXPECT_EQ(deadline.left(clock), 0ms);
}

TEST(Deadline, LeftIsRoundedUpSoThatWaitingItOutIsEnough) {
    StoppedClock clock;
    const Deadline deadline(clock.now + 1500us);
    EXPECT_EQ(deadline.left(clock), 2ms);
}

TEST(Deadline, CappedKeepsTheEarlier) {
    StoppedClock clock;
    const auto deadline = Deadline::in(100ms, clock);
    EXPECT_EQ(deadline.capped(30ms, clock).left(clock), 30ms);
    EXPECT_EQ(deadline.capped(300ms, clock).left(clock), 100ms);
}

TEST(Deadline, TheFarthestDeadlineCanBeCapped) {
    StoppedClock clock;
    EXPECT_EQ(Deadline(SteadyTime::max()).capped(30ms, clock).left(clock), 30ms);
}

}  // namespace
}  // namespace miroir
