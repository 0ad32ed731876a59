#pragma once

#include <chrono>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "miroir/base/hash.hpp"
#include "miroir/coordination/store_error.hpp"
#include "miroir/coordination/write_journal.hpp"
#include "miroir/runtime/concurrency.hpp"

namespace miroir::writes {

// Opening entries, waiting for others to be closed, and closing own ones when the store is back. Runs on the
// control executor.
class JournalWatch {
public:
    // `opening_max`: how long a step of the store may still take effect after its reply was lost.
    JournalWatch(coordination::WriteJournal& journal, Executor control,
                 std::chrono::milliseconds opening_max = std::chrono::seconds(20))
        : journal_(journal),
          opening_max_(opening_max),
          closed_(control),
          later_(control, [](auto&, auto&) {}) {}

    // Opens an entry. When the store's reply is lost (StoreUnavailable) nobody works on the entry that there
    // may be: `end` is called with its uid, in the background.
    Async<std::variant<coordination::OpenEntry, coordination::OpenRefusal>> open(
        coordination::EntryDraft draft, std::function<Async<void>(TaskUid)> end) {
        draft.nonce = random_hex(8);
        const auto nonce = draft.nonce;
        try {
            co_return co_await journal_.open(std::move(draft));
        } catch (const coordination::StoreUnavailable&) {
            later_.spawn("lost opening",
                         [this, nonce, end = std::move(end)]() { return end_lost(nonce, end); });
            throw;
        }
    }

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
    Async<void> end_lost(std::string nonce, std::function<Async<void>(TaskUid)> end) {
        const auto until = Deadline::in(opening_max_);
        for (bool heard = false; !(heard && until.passed());) {
            co_await runtime::sleep_for(std::chrono::milliseconds(200));
            try {
                const auto unfinished = co_await journal_.unfinished();
                heard = true;
                for (const auto& entry : unfinished) {
                    if (entry.nonce == nonce) {
                        co_await end(entry.uid);
                        co_return;
                    }
                }
            } catch (const coordination::StoreUnavailable&) {
                heard = false;
            }
        }
    }

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
    const std::chrono::milliseconds opening_max_;
    runtime::Signal closed_;
    runtime::TaskGroup later_;
};

}  // namespace miroir::writes
