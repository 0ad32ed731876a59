#include "miroir/runtime/before.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>

#include "cancelling.hpp"
#include "miroir/runtime/concurrency.hpp"
#include "run_async.hpp"

namespace miroir::runtime {
namespace {

using namespace std::chrono_literals;

Async<std::string> give_after(std::chrono::milliseconds pause, bool* ended) {
    struct Ended {
        bool* flag;
        ~Ended() { *flag = true; }
    } guard{ended};
    co_await sleep_for(pause);
    co_return "done";
}

TEST(Before, GivesTheResultThatCameInTime) {
    bool ended = false;
    EXPECT_EQ(run(before(Deadline::in(1h), give_after(1ms, &ended))), "done");
    EXPECT_EQ(run(before(Deadline(SteadyTime::max()), give_after(1ms, &ended))), "done");
}

TEST(Before, IsEmptyAndHasEndedTheCallWhenTheDeadlinePasses) {
    bool ended = false;
    EXPECT_EQ(run(before(Deadline::in(2ms), give_after(1h, &ended))), std::nullopt);
    EXPECT_TRUE(ended);
}

TEST(Before, DoesNotStartACallWhoseDeadlineHasPassed) {
    bool started = false;
    auto start = [](bool* flag) -> Async<int> {
        *flag = true;
        co_return 1;
    };
    EXPECT_EQ(run(before(Deadline::in(0ms), start(&started))), std::nullopt);
    EXPECT_FALSE(started);
}

TEST(Before, PassesTheCallsException) {
    auto fail = []() -> Async<int> {
        co_await sleep_for(0ms);
        throw std::runtime_error("why");
    };
    EXPECT_THROW(run(before(Deadline::in(1h), fail())), std::runtime_error);
}

TEST(Before, DropsWhatACancelledCallComesTo) {
    auto stubborn = []() -> Async<int> {
        try {
            co_await sleep_for(1h);
        } catch (const std::exception&) {
        }
        co_return 1;
    };
    EXPECT_EQ(run(before(Deadline::in(1ms), stubborn())), std::nullopt);
}

TEST(Before, OfVoidTellsWhetherItEndedInTime) {
    EXPECT_TRUE(run(before(Deadline::in(1h), sleep_for(1ms))));
    EXPECT_FALSE(run(before(Deadline::in(1ms), sleep_for(1h))));
}

TEST(Before, CancellingTheCallerCancelsTheCall) {
    auto ended = std::make_shared<bool>(false);
    auto call = [](std::shared_ptr<bool> flag) -> Async<void> {
        co_await before(Deadline::in(1h), give_after(1h, flag.get()));
    };
    EXPECT_TRUE(ends_with_abort_when_cancelled(call(ended)));
    EXPECT_TRUE(*ended);
}

}  // namespace
}  // namespace miroir::runtime
