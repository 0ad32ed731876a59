#pragma once

#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "miroir/base/clock.hpp"
#include "miroir/base/log.hpp"
#include "miroir/runtime/async.hpp"

namespace miroir::runtime {

// Resumes on the same executor after `duration`; throws when cancelled.
Async<void> sleep_for(std::chrono::milliseconds duration);

// Continues the calling coroutine's work `call` on `executor` and comes back with its result.
// (declared in on_executor.hpp as a template)

// Wakes waiters. Single-executor: all calls on the executor it was made with.
class Signal {
public:
    explicit Signal(Executor executor);
    ~Signal();
    Signal(Signal&&) = delete;
    // Wakes everyone who waits now.
    void notify_all();
    // Returns true when notified, false when `timeout` passed first.
    Async<bool> wait(std::chrono::milliseconds timeout);

private:
    struct State;
    std::shared_ptr<State> state_;
};

// Coroutines that belong to an owner. Errors are handed to `on_error` (name, what) and end only that
// coroutine.
class TaskGroup {
public:
    using OnError = std::function<void(const std::string& name, const std::string& what)>;
    TaskGroup(Executor executor, OnError on_error);
    ~TaskGroup();  // all must have ended: stop() first
    TaskGroup(TaskGroup&&) = delete;
    void spawn(std::string name, std::function<Async<void>()> body);
    // Cancels every coroutine and waits until all have ended.
    Async<void> stop();
    std::size_t running() const;

private:
    struct State;
    std::shared_ptr<State> state_;
};

// What most groups do with errors. The log must outlive the group.
TaskGroup::OnError log_errors(Log& log);

}  // namespace miroir::runtime
