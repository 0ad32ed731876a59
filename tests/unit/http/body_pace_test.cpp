#include "http/body_pace.hpp"

#include <gtest/gtest.h>

namespace miroir::http {
namespace {

using namespace std::chrono_literals;

struct SetClock final : Clock {
    SteadyTime steady() const override { return now; }
    WallTime wall() const override { return {}; }
    SteadyTime now{};
};

TEST(BodyPace, ASpanThatBringsEnoughIsFollowedByAnother) {
    SetClock clock;
    const auto begun = clock.now;
    BodyPace pace(10s, 100, clock);
    clock.now = begun + 4s;
    pace.received(999);
    EXPECT_EQ(pace.due(), begun + 10s);
    EXPECT_FALSE(pace.stalled());
    clock.now = begun + 9s;
    pace.received(1);
    EXPECT_EQ(pace.due(), begun + 19s);
    EXPECT_TRUE(pace.stalled());
    EXPECT_EQ(pace.total(), 1000u);
}

TEST(BodyPace, WhatCameEarlyIsNoCreditForLater) {
    SetClock clock;
    const auto begun = clock.now;
    BodyPace pace(10s, 100, clock);
    pace.received(1'000'000);
    clock.now = begun + 9s;
    pace.received(1);
    EXPECT_EQ(pace.due(), begun + 10s);
}

TEST(BodyPace, WithoutALeastRateAnyByteWillDo) {
    SetClock clock;
    const auto begun = clock.now;
    BodyPace pace(10s, 0, clock);
    clock.now = begun + 9s;
    pace.received(1);
    EXPECT_EQ(pace.due(), begun + 19s);
}

}  // namespace
}  // namespace miroir::http
