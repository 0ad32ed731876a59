#pragma once

#include <chrono>
#include <set>
#include <vector>

#include "miroir/coordination/write_journal.hpp"
#include "miroir/runtime/concurrency.hpp"

namespace miroir::writes {

// Waiting for other journal entries to be closed. Runs on the control executor.
class JournalWatch {
public:
    JournalWatch(coordination::WriteJournal& journal, Executor control)
        : journal_(journal), closed_(control) {}

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

private:
    coordination::WriteJournal& journal_;
    runtime::Signal closed_;
};

}  // namespace miroir::writes
