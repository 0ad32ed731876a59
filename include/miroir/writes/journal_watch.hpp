#pragma once

#include <chrono>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "miroir/coordination/store_error.hpp"
#include "miroir/coordination/write_journal.hpp"
#include "miroir/runtime/concurrency.hpp"

namespace miroir::writes {

// Waiting for other journal entries to be closed, and closing own ones when the store is back. Runs on the
// control executor.
class JournalWatch {
public:
    JournalWatch(coordination::WriteJournal& journal, Executor control)
        : journal_(journal), closed_(control), later_(control, [](auto&, auto&) {}) {}

    // An entry was closed here: whoever waits looks again.
    void closed_one() { closed_.notify_all(); }

    // Returns true when none of `uids` is open any more, false when the deadline passed first.
    Async<bool> wait_closed(std::vector<TaskUid> uids, Deadline deadline) {
        for (;;) {
            if (!uids.empty()) {
                uids = co_await journal_.still_open(std::move(uids));
            }
            if (uids.empty()) {
                co_return true;
            }
            if (deadline.passed()) {
                co_return false;
            }
            // The signal is for entries of this replica; the pause for those of others.
            co_await closed_.wait(std::chrono::milliseconds(50));
        }
    }

    // Repeats a step that ends an entry, which the store did not take, in the background until it does.
    void finish_later(std::string name, std::function<Async<void>()> step) {
        later_.spawn(std::move(name), [step = std::move(step)]() { return repeat(step); });
    }
    Async<void> stop() { return later_.stop(); }

private:
    static Async<void> repeat(std::function<Async<void>()> step) {
        for (bool taken = false; !taken;) {
            co_await runtime::sleep_for(std::chrono::milliseconds(200));
            try {
                co_await step();
                taken = true;
            } catch (const coordination::StoreUnavailable&) {
                taken = false;
            }
        }
    }

    coordination::WriteJournal& journal_;
    runtime::Signal closed_;
    runtime::TaskGroup later_;
};

}  // namespace miroir::writes
