#include "miroir/runtime/concurrency.hpp"

#include <gtest/gtest.h>

#include <boost/asio/this_coro.hpp>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "cancelling.hpp"
#include "miroir/runtime/gather.hpp"
#include "miroir/runtime/io_threads.hpp"
#include "miroir/runtime/on_executor.hpp"
#include "run_async.hpp"

namespace miroir::runtime {
namespace {

using namespace std::chrono_literals;

TEST(SleepFor, WaitsAtLeastSoLong) {
    const auto start = std::chrono::steady_clock::now();
    run(sleep_for(5ms));
    EXPECT_GE(std::chrono::steady_clock::now() - start, 5ms);
}

TEST(SleepFor, ThrowsWhenCancelled) {
    EXPECT_TRUE(ends_with_abort_when_cancelled(sleep_for(std::chrono::milliseconds::max())));
}

TEST(Signal, WakesEveryoneWhoWaits) {
    auto test = []() -> Async<void> {
        Signal signal(co_await asio::this_coro::executor);
        auto wait = [](Signal* on, int* woken) -> Async<void> {
            const bool notified = co_await on->wait(std::chrono::milliseconds::max());
            if (notified) ++*woken;
        };
        auto notify = [](Signal* on) -> Async<void> {
            on->notify_all();
            co_return;
        };
        int woken = 0;
        std::vector<Async<void>> calls;
        calls.push_back(wait(&signal, &woken));
        calls.push_back(wait(&signal, &woken));
        calls.push_back(notify(&signal));
        co_await gather(std::move(calls));
        EXPECT_EQ(woken, 2);
    };
    run(test());
}

TEST(Signal, DoesNotRememberNotifications) {
    auto test = []() -> Async<void> {
        Signal signal(co_await asio::this_coro::executor);
        signal.notify_all();
        const bool notified = co_await signal.wait(1ms);
        EXPECT_FALSE(notified);
    };
    run(test());
}

TEST(Signal, CancellingAWaiterThrowsThere) {
    auto test = []() -> Async<void> {
        Signal signal(co_await asio::this_coro::executor);
        co_await signal.wait(1h);
    };
    EXPECT_TRUE(ends_with_abort_when_cancelled(test()));
}

struct Errors {
    std::vector<std::string> lines;
    auto sink() {
        return
            [this](const std::string& name, const std::string& what) { lines.push_back(name + ": " + what); };
    }
};

TEST(TaskGroup, StopCancelsAndAwaitsEveryCoroutine) {
    Errors errors;
    int ended = 0;
    auto test = [&]() -> Async<void> {
        TaskGroup group(co_await asio::this_coro::executor, errors.sink());
        for (int i = 0; i < 3; ++i) {
            group.spawn("sleeper", [&ended]() -> Async<void> {
                struct Counted {
                    int* count;
                    ~Counted() { ++*count; }
                } counted{&ended};
                co_await sleep_for(1h);
            });
        }
        co_await sleep_for(1ms);
        EXPECT_EQ(group.running(), 3u);
        co_await group.stop();
        EXPECT_EQ(group.running(), 0u);
        EXPECT_EQ(ended, 3);
    };
    run(test());
    EXPECT_TRUE(errors.lines.empty());
}

TEST(TaskGroup, AnErrorIsReportedAndEndsOnlyItsCoroutine) {
    Errors errors;
    auto test = [&]() -> Async<void> {
        TaskGroup group(co_await asio::this_coro::executor, errors.sink());
        group.spawn("poller", []() -> Async<void> {
            throw std::runtime_error("broken");
            co_return;
        });
        group.spawn("sleeper", []() -> Async<void> { co_await sleep_for(1h); });
        while (group.running() == 2) co_await sleep_for(0ms);
        co_await group.stop();
    };
    run(test());
    EXPECT_EQ(errors.lines, std::vector<std::string>{"poller: broken"});
}

TEST(TaskGroup, StartsNothingOnceStopped) {
    Errors errors;
    bool started = false;
    auto test = [&]() -> Async<void> {
        TaskGroup group(co_await asio::this_coro::executor, errors.sink());
        co_await group.stop();
        group.spawn("late", [&started]() -> Async<void> {
            started = true;
            co_return;
        });
        while (group.running() > 0) co_await sleep_for(0ms);
    };
    run(test());
    EXPECT_FALSE(started);
}

TEST(TaskGroup, KeepsTheCapturesOfABodyWhileItRuns) {
    Errors errors;
    std::string seen;
    auto test = [&]() -> Async<void> {
        TaskGroup group(co_await asio::this_coro::executor, errors.sink());
        group.spawn("reader", [&seen, text = std::string(100, 'x')]() -> Async<void> {
            co_await sleep_for(1ms);
            seen = text;
        });
        while (group.running() > 0) co_await sleep_for(0ms);
    };
    run(test());
    EXPECT_EQ(seen, std::string(100, 'x'));
}

TEST(TaskGroup, IsStoppedFromAnotherThread) {
    IoThreads threads(1);
    Errors errors;
    TaskGroup group(threads.executors().front(), errors.sink());
    for (int i = 0; i < 10; ++i) {
        group.spawn("sleeper", []() -> Async<void> { co_await sleep_for(1h); });
    }
    run(group.stop());
    EXPECT_EQ(group.running(), 0u);
    EXPECT_TRUE(errors.lines.empty());
}

TEST(IoThreads, EachExecutorHasItsOwnThread) {
    IoThreads threads(2);
    const auto executors = threads.executors();
    auto where = []() -> Async<std::thread::id> { co_return std::this_thread::get_id(); };
    const auto first = run(on_executor(executors[0], where()));
    EXPECT_EQ(run(on_executor(executors[0], where())), first);
    EXPECT_NE(run(on_executor(executors[1], where())), first);
}

}  // namespace
}  // namespace miroir::runtime
