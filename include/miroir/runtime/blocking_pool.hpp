#pragma once

#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

#include "miroir/runtime/async.hpp"
#include "miroir/runtime/outcome.hpp"

namespace miroir::runtime {

struct PoolFull : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// Threads for calls that block. With one thread, jobs run and their callers resume in the order of the calls.
// Must outlive its callers, and be destroyed before their executors; the destructor runs what is queued.
class BlockingPool {
public:
    // `queue_max` bounds the jobs that wait for a thread.
    BlockingPool(std::size_t threads, std::size_t queue_max, std::string thread_name = "blocking");
    ~BlockingPool();
    BlockingPool(BlockingPool&&) = delete;

    // Runs `work` on a thread of the pool and resumes on the caller's executor with its result or exception.
    // Throws PoolFull. An accepted job is run and awaited even when the caller is cancelled.
    template <class F>
    Async<std::invoke_result_t<F&>> run(F work) {
        using Value = std::invoke_result_t<F&>;
        Outcome<Value> outcome;
        std::function<void()> job = [&outcome, &work] {
            try {
                if constexpr (std::is_void_v<Value>) {
                    work();
                } else {
                    outcome.set_value(work());
                }
            } catch (...) {
                outcome.set_error(std::current_exception());
            }
        };
        co_await execute(std::move(job));
        if constexpr (std::is_void_v<Value>) {
            outcome.take();
        } else {
            co_return outcome.take();
        }
    }

    // Jobs that wait for a thread now.
    std::size_t queued() const;

private:
    Async<void> execute(std::function<void()> job);

    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace miroir::runtime
