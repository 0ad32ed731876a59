#include "miroir/runtime/blocking_pool.hpp"

#include <gtest/gtest.h>

#include <future>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "cancelling.hpp"
#include "miroir/runtime/concurrency.hpp"
#include "miroir/runtime/gather.hpp"
#include "run_async.hpp"

namespace miroir::runtime {
namespace {

TEST(BlockingPool, RunsElsewhereAndResumesOnTheCallersThread) {
    BlockingPool pool(1, 10);
    auto call = [](BlockingPool* on) -> Async<void> {
        const auto home = std::this_thread::get_id();
        auto work = [] { return std::this_thread::get_id(); };
        const auto there = co_await on->run(work);
        EXPECT_NE(there, home);
        EXPECT_EQ(std::this_thread::get_id(), home);
    };
    run(call(&pool));
}

TEST(BlockingPool, GivesBackMoveOnlyResults) {
    BlockingPool pool(1, 10);
    auto result = run(pool.run([] { return std::make_unique<std::string>("text"); }));
    EXPECT_EQ(*result, "text");
}

TEST(BlockingPool, TakesMoveOnlyWork) {
    BlockingPool pool(1, 10);
    EXPECT_EQ(run(pool.run([text = std::make_unique<std::string>("text")] { return *text; })), "text");
}

TEST(BlockingPool, PassesExceptions) {
    BlockingPool pool(1, 10);
    auto fail = [] { throw std::runtime_error("why"); };
    EXPECT_THROW(run(pool.run(fail)), std::runtime_error);
    EXPECT_EQ(run(pool.run([] { return 7; })), 7);
}

TEST(BlockingPool, OneThreadRunsAndResumesInOrder) {
    BlockingPool pool(1, 1000);
    std::vector<int> executed;
    std::vector<int> resumed;
    auto call = [&](int number) -> Async<void> {
        auto work = [&executed, number] { executed.push_back(number); };
        co_await pool.run(work);
        resumed.push_back(number);
    };
    std::vector<Async<void>> calls;
    std::vector<int> expected;
    for (int i = 0; i < 500; ++i) {
        calls.push_back(call(i));
        expected.push_back(i);
    }
    run(gather(std::move(calls)));
    EXPECT_EQ(executed, expected);
    EXPECT_EQ(resumed, expected);
}

TEST(BlockingPool, RefusesWhatWouldNotFitInTheQueue) {
    BlockingPool pool(2, 3);
    std::promise<void> gate;
    auto open = gate.get_future().share();
    int refused = 0;
    int ended = 0;
    auto call = [&]() -> Async<void> {
        try {
            co_await pool.run([open] { open.wait(); });
            ++ended;
        } catch (const PoolFull&) {
            if (++refused == 2) gate.set_value();
        }
    };
    std::vector<Async<void>> calls;
    for (int i = 0; i < 7; ++i) calls.push_back(call());
    run(gather(std::move(calls)));
    EXPECT_EQ(refused, 2);
    EXPECT_EQ(ended, 5);
    EXPECT_EQ(pool.queued(), 0u);
    EXPECT_EQ(run(pool.run([] { return 1; })), 1);
}

TEST(BlockingPool, AnAcceptedJobIsAwaitedThoughTheCallerIsCancelled) {
    BlockingPool pool(1, 10);
    std::promise<void> gate;
    bool ran = false;
    auto work = [&] {
        gate.get_future().wait();
        ran = true;
    };
    auto call = [&]() -> Async<void> {
        co_await pool.run(work);
        EXPECT_TRUE(ran);
        co_await sleep_for(std::chrono::hours(1));
    };
    std::thread opener([&] { gate.set_value(); });
    EXPECT_TRUE(ends_with_abort_when_cancelled(call()));
    opener.join();
    EXPECT_TRUE(ran);
}

TEST(BlockingPool, SeveralThreadsWorkAtTheSameTime) {
    BlockingPool pool(2, 10);
    std::promise<void> first;
    std::promise<void> second;
    std::vector<Async<void>> calls;
    calls.push_back(pool.run([&] {
        first.set_value();
        second.get_future().wait();
    }));
    calls.push_back(pool.run([&] {
        first.get_future().wait();
        second.set_value();
    }));
    run(gather(std::move(calls)));
}

}  // namespace
}  // namespace miroir::runtime
