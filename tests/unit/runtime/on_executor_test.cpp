#include "miroir/runtime/on_executor.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <string>
#include <thread>

#include "cancelling.hpp"
#include "miroir/runtime/concurrency.hpp"
#include "miroir/runtime/io_threads.hpp"
#include "run_async.hpp"

namespace miroir::runtime {
namespace {

using namespace std::chrono_literals;

Async<std::thread::id> where() {
    co_await sleep_for(0ms);
    co_return std::this_thread::get_id();
}

TEST(OnExecutor, RunsThereAndComesBack) {
    IoThreads threads(1);
    const auto there = threads.executors().front();
    auto travel = [](Executor to) -> Async<void> {
        const auto home = std::this_thread::get_id();
        const auto visited = co_await on_executor(to, where());
        EXPECT_NE(visited, home);
        EXPECT_EQ(std::this_thread::get_id(), home);
    };
    run(travel(there));
}

TEST(OnExecutor, BringsResultsAndExceptionsHome) {
    IoThreads threads(1);
    const auto there = threads.executors().front();
    auto give = []() -> Async<std::string> { co_return "text"; };
    auto fail = []() -> Async<std::string> {
        throw std::runtime_error("why");
        co_return "";
    };
    EXPECT_EQ(run(on_executor(there, give())), "text");
    EXPECT_THROW(run(on_executor(there, fail())), std::runtime_error);
    run(on_executor(there, sleep_for(0ms)));
}

TEST(OnExecutor, CancellingTheCallerCancelsTheCallThere) {
    IoThreads threads(1);
    const auto there = threads.executors().front();
    for (int i = 0; i < 50; ++i) {
        EXPECT_TRUE(ends_with_abort_when_cancelled(on_executor(there, sleep_for(1h))));
    }
}

TEST(OnExecutor, CancellingRacesWithTheEndWithoutHarm) {
    IoThreads threads(1);
    const auto there = threads.executors().front();
    auto end_at_once = []() -> Async<void> { co_return; };
    for (int i = 0; i < 500; ++i) {
        const bool aborted = ends_with_abort_when_cancelled(on_executor(there, end_at_once()));
        EXPECT_FALSE(aborted);
    }
}

TEST(OnExecutor, ManyCallersFromManyThreads) {
    IoThreads threads(3);
    const auto executors = threads.executors();
    std::atomic<int> visits = 0;
    auto visit = [](std::atomic<int>* count) -> Async<void> {
        ++*count;
        co_return;
    };
    auto roam = [&](std::vector<Executor> all) -> Async<void> {
        for (int i = 0; i < 300; ++i) co_await on_executor(all[i % all.size()], visit(&visits));
    };
    std::vector<std::thread> callers;
    for (int i = 0; i < 3; ++i) callers.emplace_back([&] { run(roam(executors)); });
    for (auto& caller : callers) caller.join();
    EXPECT_EQ(visits, 900);
}

}  // namespace
}  // namespace miroir::runtime
