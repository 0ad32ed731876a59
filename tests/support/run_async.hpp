#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <exception>
#include <stdexcept>
#include <utility>

#include "miroir/runtime/outcome.hpp"

namespace miroir {

// Drives `call` to its end on a fresh io_context of this thread and gives its result or exception.
// A call that has not ended after a minute fails the test.
template <class T>
T run(Async<T> call) {
    runtime::Outcome<T> outcome;
    bool ended = false;
    asio::io_context context(1);
    // With a reactor, threads that post here wake it while they hold the lock; a bare context they would
    // still touch after the last handler has run and the context is gone.
    const asio::steady_timer reactor(context);
    asio::co_spawn(context, runtime::capture(std::move(call), &outcome),
                   [&ended](std::exception_ptr) { ended = true; });
    // Not run(): what else still waits there (timers of pooled connections) is of no interest.
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (!ended && context.run_one_until(give_up) > 0) {
    }
    if (!ended) throw std::logic_error("the coroutine under test waits for ever");
    return outcome.take();
}

}  // namespace miroir
