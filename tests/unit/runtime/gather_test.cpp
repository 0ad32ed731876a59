#include "miroir/runtime/gather.hpp"

#include <gtest/gtest.h>

#include <boost/system/system_error.hpp>
#include <memory>
#include <stdexcept>
#include <string>

#include "cancelling.hpp"
#include "miroir/runtime/concurrency.hpp"
#include "run_async.hpp"

namespace miroir::runtime {
namespace {

using namespace std::chrono_literals;

// No default constructor: results must not need one.
struct Answer {
    explicit Answer(std::string t) : text(std::move(t)) {}
    std::string text;
};

Async<Answer> give(std::string text) {
    co_return Answer(text);
}

// Ends when `turns` other coroutines got a turn: the later ones of a gather end first.
Async<Answer> give_late(std::string text, int turns, std::vector<std::string>* ended) {
    for (int i = 0; i < turns; ++i) co_await sleep_for(0ms);
    ended->push_back(text);
    co_return Answer(text);
}

Async<int> fail(std::string why) {
    co_await sleep_for(0ms);
    throw std::runtime_error(why);
}

Async<int> count_after(std::chrono::milliseconds pause, int* count) {
    co_await sleep_for(pause);
    co_return ++*count;
}

TEST(Gather, OfNothingIsEmpty) {
    EXPECT_TRUE(run(gather(std::vector<Async<Answer>>{})).empty());
}

TEST(Gather, KeepsCallOrderWhateverTheOrderOfTheEnds) {
    std::vector<std::string> ended;
    std::vector<Async<Answer>> calls;
    calls.push_back(give_late("slow", 3, &ended));
    calls.push_back(give_late("quick", 1, &ended));
    calls.push_back(give("at once"));

    const auto answers = run(gather(std::move(calls)));

    ASSERT_EQ(answers.size(), 3u);
    EXPECT_EQ(answers[0].text, "slow");
    EXPECT_EQ(answers[1].text, "quick");
    EXPECT_EQ(answers[2].text, "at once");
    EXPECT_EQ(ended, (std::vector<std::string>{"quick", "slow"}));
}

TEST(Gather, OneCallGivesItsResult) {
    std::vector<Async<Answer>> calls;
    calls.push_back(give("alone"));
    EXPECT_EQ(run(gather(std::move(calls))).at(0).text, "alone");
}

TEST(Gather, ThrowsTheFirstExceptionInCallOrderAfterAllHaveEnded) {
    int count = 0;
    std::vector<Async<int>> calls;
    calls.push_back(count_after(1ms, &count));
    calls.push_back(fail("first"));
    calls.push_back(fail("second"));
    calls.push_back(count_after(2ms, &count));
    std::string what;
    try {
        run(gather(std::move(calls)));
    } catch (const std::runtime_error& e) {
        what = e.what();
    }
    EXPECT_EQ(what, "first");
    EXPECT_EQ(count, 2);
}

TEST(Gather, OfVoidAwaitsAll) {
    int count = 0;
    auto add = [](int* to) -> Async<void> {
        co_await sleep_for(0ms);
        ++*to;
    };
    std::vector<Async<void>> calls;
    for (int i = 0; i < 5; ++i) calls.push_back(add(&count));
    run(gather(std::move(calls)));
    EXPECT_EQ(count, 5);
}

TEST(Gather, CancellingTheCallerCancelsEveryCallAndAwaitsThem) {
    for (const int calls_count : {1, 2, 7}) {
        auto ended = std::make_shared<int>(0);
        auto wait_for_ever = [](std::shared_ptr<int> count) -> Async<int> {
            struct Counted {
                std::shared_ptr<int> count;
                ~Counted() { ++*count; }
            } counted{count};
            co_await sleep_for(1h);
            co_return 1;
        };
        auto all = [&]() -> Async<void> {
            std::vector<Async<int>> calls;
            for (int i = 0; i < calls_count; ++i) calls.push_back(wait_for_ever(ended));
            co_await gather(std::move(calls));
        };
        EXPECT_TRUE(ends_with_abort_when_cancelled(all()));
        EXPECT_EQ(*ended, calls_count);
    }
}

TEST(Gather, NestsDeeply) {
    struct Tree {
        static Async<int> leaves(int depth) {
            if (depth == 0) co_return 1;
            std::vector<Async<int>> calls;
            for (int i = 0; i < 3; ++i) calls.push_back(leaves(depth - 1));
            const auto counts = co_await gather(std::move(calls));
            int sum = 0;
            for (const int count : counts) sum += count;
            co_return sum;
        }
    };
    EXPECT_EQ(run(Tree::leaves(5)), 243);
}

}  // namespace
}  // namespace miroir::runtime
