#include "miroir/nodes/circuit_breaker.hpp"

#include <gtest/gtest.h>

namespace miroir::nodes {
namespace {

class FakeClock : public Clock {
public:
    WallTime wall() const override { return {}; }
    SteadyTime steady() const override { return now; }
    SteadyTime now{};
};

struct Breaker : testing::Test {
    FakeClock clock;
    BreakerLimits limits{3, std::chrono::milliseconds(500), std::chrono::milliseconds(2000)};
    CircuitBreaker breaker{limits, clock};
};

TEST_F(Breaker, LetsRequestsThroughWhileTheyWork) {
    EXPECT_TRUE(breaker.admit());
    breaker.failed(false);
    breaker.failed(false);
    breaker.succeeded();
    breaker.failed(false);
    breaker.failed(false);
    EXPECT_FALSE(breaker.is_open());
}

TEST_F(Breaker, OpensAtOnceWhenTheNodeIsSurelyNotThere) {
    breaker.failed(true);
    EXPECT_TRUE(breaker.is_open());
    EXPECT_FALSE(breaker.admit());
}

TEST_F(Breaker, OpensAfterSoManyFailuresInARow) {
    breaker.failed(false);
    breaker.failed(false);
    EXPECT_FALSE(breaker.is_open());
    breaker.failed(false);
    EXPECT_TRUE(breaker.is_open());
}

TEST_F(Breaker, TriesOneRequestAfterThePauseAndClosesWhenItWorks) {
    breaker.failed(true);
    clock.now += std::chrono::milliseconds(500);
    EXPECT_TRUE(breaker.admit());
    EXPECT_FALSE(breaker.admit()) << "one trial at a time";
    breaker.succeeded();
    EXPECT_FALSE(breaker.is_open());
}

TEST_F(Breaker, AFailedTrialDoublesThePause) {
    breaker.failed(true);
    clock.now += std::chrono::milliseconds(500);
    EXPECT_TRUE(breaker.admit());
    breaker.failed(true);
    clock.now += std::chrono::milliseconds(500);
    EXPECT_FALSE(breaker.admit());
    clock.now += std::chrono::milliseconds(500);
    EXPECT_TRUE(breaker.admit());
}

TEST_F(Breaker, StaysOpenWhileItIsHeld) {
    breaker.hold_open();
    clock.now += std::chrono::hours(1);
    EXPECT_FALSE(breaker.admit());
    breaker.succeeded();
    EXPECT_TRUE(breaker.is_open());
    breaker.close();
    EXPECT_TRUE(breaker.admit());
}

}  // namespace
}  // namespace miroir::nodes
