#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <exception>
#include <stdexcept>
#include <utility>

#include "miroir/runtime/outcome.hpp"

namespace miroir::test {

// One executor for objects that outlive a single call: what they left running goes on with the next one.
class Loop {
public:
    Executor executor() { return context_.get_executor(); }

    // A call that has not ended after a minute fails the test.
    template <class T>
    T run(Async<T> call) {
        runtime::Outcome<T> outcome;
        bool ended = false;
        asio::co_spawn(context_, runtime::capture(std::move(call), &outcome),
                       [&ended](std::exception_ptr) { ended = true; });
        const auto give_up = std::chrono::steady_clock::now() + std::chrono::minutes(1);
        context_.restart();
        while (!ended && context_.run_one_until(give_up) > 0) {
        }
        if (!ended) throw std::logic_error("the coroutine under test waits for ever");
        return outcome.take();
    }

private:
    asio::io_context context_{1};
    const asio::steady_timer reactor_{context_};
};

}  // namespace miroir::test
