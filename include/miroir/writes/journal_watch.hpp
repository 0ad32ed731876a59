#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "miroir/base/hash.hpp"
#include "miroir/coordination/store_error.hpp"
#include "miroir/coordination/until_taken.hpp"
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
    Async<coordination::Opening> open(coordination::EntryDraft draft,
                                      std::function<Async<void>(TaskUid)> end) {
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

    // A hold that is closed, in the background, when this goes. The watch outlives it.
    class Held {
    public:
        Held(JournalWatch& watch, TaskUid uid, ReplicaId self)
            : watch_(&watch), uid_(uid), self_(std::move(self)) {}
        Held(Held&& other) noexcept
            : watch_(std::exchange(other.watch_, nullptr)), uid_(other.uid_), self_(std::move(other.self_)) {}
        Held& operator=(Held&&) = delete;
        ~Held() {
            if (watch_ != nullptr) watch_->release(uid_, std::move(self_));
        }

    private:
        JournalWatch* watch_;
        TaskUid uid_;
        ReplicaId self_;
    };

    // Returns when nothing that conflicts is open on any replica; what comes later waits until the hold goes.
    // Empty when this replica is not alive by the store's clock.
    Async<std::optional<Held>> hold(LogicalIndexUid index, coordination::ConflictSet conflicts,
                                    ReplicaId self) {
        auto hold = co_await try_to_hold(std::move(index), std::move(conflicts), self);
        std::optional<Held> held;
        if (hold) {
            held.emplace(*this, hold->uid, std::move(self));
            const auto forever = Deadline(SteadyTime::max());
            co_await wait_closed(std::move(hold->open_before), forever);
        }
        co_return held;
    }

    // An entry was closed here: whoever waits looks again.
    void closed_one() { closed_.notify_all(); }

    // Returns true when none of `uids` is open any more, false when the deadline passed first.
    Async<bool> wait_closed(std::vector<TaskUid> uids, Deadline deadline) {
        auto pause = std::chrono::milliseconds(2);
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
            // The signal is for entries of this replica; the pauses, ever longer ones, for those of others.
            co_await closed_.wait(pause);
            pause = std::min(2 * pause, std::chrono::milliseconds(50));
        }
    }

    // Repeats a step that ends an entry, which the store did not take, in the background until it does.
    void finish_later(std::string name, std::function<Async<void>()> step) {
        later_.spawn(std::move(name), [step = std::move(step)]() { return repeat(step); });
    }
    Async<void> stop() { return later_.stop(); }

private:
    // A hold that there may be though the store's reply was lost is closed, in the background.
    Async<std::optional<coordination::JournalHold>> try_to_hold(LogicalIndexUid index,
                                                                coordination::ConflictSet conflicts,
                                                                ReplicaId self) {
        const auto nonce = random_hex(8);
        try {
            auto replica = self;
            auto name = nonce;
            co_return co_await journal_.hold(std::move(index), std::move(conflicts), std::move(replica),
                                             std::move(name));
        } catch (const coordination::StoreUnavailable&) {
            auto close = [this, self](TaskUid uid) { return close_hold(uid, self); };
            later_.spawn("lost hold", [this, nonce, close]() { return end_lost(nonce, close); });
            throw;
        }
    }

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

    void release(TaskUid uid, ReplicaId self) {
        later_.spawn("release", [this, uid, self = std::move(self)]() {
            return repeat([this, uid, self]() { return close_hold(uid, self); },
                          std::chrono::milliseconds(0));
        });
    }
    Async<void> close_hold(TaskUid uid, ReplicaId self) {
        coordination::EntryOutcome nothing;
        co_await journal_.close(uid, std::move(self), std::move(nothing));
        closed_one();
    }

    static Async<void> repeat(std::function<Async<void>()> step,
                              std::chrono::milliseconds pause = std::chrono::milliseconds(200)) {
        co_await runtime::sleep_for(pause);
        co_await coordination::until_taken(std::move(step));
    }

    coordination::WriteJournal& journal_;
    const std::chrono::milliseconds opening_max_;
    runtime::Signal closed_;
    runtime::TaskGroup later_;
};

}  // namespace miroir::writes
