#pragma once

#include <deque>
#include <utility>
#include <vector>

#include "miroir/runtime/async.hpp"
#include "miroir/runtime/outcome.hpp"

namespace miroir::runtime {

// Runs all at once on the caller's executor and ends when the last has ended. The calls must not throw.
// Cancelling the caller cancels every call.
Async<void> run_all(std::vector<Async<void>> calls);

// The results in call order. One call's exception leaves the others running; when all have ended, the first
// one in call order is rethrown.
template <class T>
Async<std::vector<T>> gather(std::vector<Async<T>> calls) {
    std::deque<Outcome<T>> outcomes(calls.size());
    std::vector<Async<void>> captured;
    captured.reserve(calls.size());
    for (std::size_t i = 0; i < calls.size(); ++i)
        captured.push_back(capture(std::move(calls[i]), &outcomes[i]));

    co_await run_all(std::move(captured));

    std::vector<T> results;
    results.reserve(outcomes.size());
    for (auto& outcome : outcomes) results.push_back(outcome.take());
    co_return results;
}

inline Async<void> gather(std::vector<Async<void>> calls) {
    std::deque<Outcome<void>> outcomes(calls.size());
    std::vector<Async<void>> captured;
    captured.reserve(calls.size());
    for (std::size_t i = 0; i < calls.size(); ++i)
        captured.push_back(capture(std::move(calls[i]), &outcomes[i]));

    co_await run_all(std::move(captured));

    for (auto& outcome : outcomes) outcome.take();
}

}  // namespace miroir::runtime
