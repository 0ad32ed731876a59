#pragma once

#include <type_traits>
#include <utility>

#include "miroir/runtime/async.hpp"
#include "miroir/runtime/outcome.hpp"

namespace miroir::runtime {

// Runs `call` on `executor` and resumes the caller on its own. The call must not throw.
// Cancelling the caller cancels the call, which is awaited all the same.
Async<void> run_on(Executor executor, Async<void> call);

// The same with a result or an exception.
template <class T>
Async<T> on_executor(Executor executor, Async<T> call) {
    Outcome<T> outcome;
    auto captured = capture(std::move(call), &outcome);
    co_await run_on(std::move(executor), std::move(captured));
    if constexpr (std::is_void_v<T>) {
        outcome.take();
    } else {
        co_return outcome.take();
    }
}

}  // namespace miroir::runtime
