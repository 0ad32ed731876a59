#pragma once

#include <optional>
#include <utility>

#include "miroir/base/clock.hpp"
#include "miroir/runtime/async.hpp"
#include "miroir/runtime/outcome.hpp"

namespace miroir::runtime {

// True when `call` ended before the deadline; otherwise it has been cancelled and has ended since, or never
// started. The call must not throw. Cancelling the caller cancels the call.
Async<bool> run_before(Deadline deadline, Async<void> call);

// Empty when the deadline passed first: whatever the cancelled call came to is dropped.
template <class T>
Async<std::optional<T>> before(Deadline deadline, Async<T> call) {
    Outcome<T> outcome;
    auto captured = capture(std::move(call), &outcome);
    const bool in_time = co_await run_before(deadline, std::move(captured));
    if (!in_time) co_return std::nullopt;
    co_return outcome.take();
}

// False when the deadline passed first.
inline Async<bool> before(Deadline deadline, Async<void> call) {
    Outcome<void> outcome;
    auto captured = capture(std::move(call), &outcome);
    const bool in_time = co_await run_before(deadline, std::move(captured));
    if (in_time) outcome.take();
    co_return in_time;
}

}  // namespace miroir::runtime
