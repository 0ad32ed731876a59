#include "miroir/operations/take_over.hpp"

#include <algorithm>

#include "miroir/coordination/store_error.hpp"

namespace miroir::operations {

TakeOver::TakeOver(coordination::Store& store, membership::SnapshotKeeper& snapshots,
                   membership::Peers& peers, writes::DocumentWriter& writer, ControlOperations& operations,
                   TaskOperations& tasks, TakeOverOptions options, Executor control, Log& log,
                   Metrics& metrics)
    : store_(store),
      snapshots_(snapshots),
      peers_(peers),
      writer_(writer),
      operations_(operations),
      tasks_(tasks),
      options_(options),
      log_(log),
      taken_over_(metrics.counter("miroir_journal_taken_over_total",
                                  "Journal entries of dead replicas that this one has taken over.")),
      group_(std::move(control), runtime::log_errors(log)) {}

void TakeOver::start() {
    group_.spawn("take-over", [this]() { return watch_forever(); });
}

Async<void> TakeOver::stop() {
    return group_.stop();
}

Async<void> TakeOver::look() {
    co_await tasks_.end_interrupted();
    const auto abandoned = co_await store_.journal().abandoned();
    for (const auto& entry : abandoned) {
        if (peers_.is_mine("take-over " + std::to_string(entry.uid))) {
            claims_.insert_or_assign(entry.uid, entry.replica);
        }
    }
    co_await claim();
    if (!taken_.empty()) {
        co_await snapshots_.refresh();
        co_await go_on();
        co_await snapshots_.refresh();
    }
}

Async<void> TakeOver::claim() {
    while (!claims_.empty()) {
        auto [uid, from] = *claims_.begin();
        auto self = peers_.self();
        auto taken = co_await store_.journal().take_over(uid, std::move(from), std::move(self));
        claims_.erase(claims_.begin());
        if (taken) {
            taken_over_.add();
            log_.warn("a replica that is gone has left something unfinished; this one goes on with it",
                      {{"task", std::to_string(taken->uid)},
                       {"operation", taken->operation.empty() ? "document write" : taken->operation}});
            taken_.push_back(std::move(*taken));
        }
    }
}

// Writes first: operations wait for them. In the order of their uids.
Async<void> TakeOver::go_on() {
    std::sort(taken_.begin(), taken_.end(), [](const auto& left, const auto& right) {
        return std::pair(!left.operation.empty(), left.uid) > std::pair(!right.operation.empty(), right.uid);
    });
    while (!taken_.empty()) {
        auto entry = taken_.back();
        if (entry.operation.empty()) {
            co_await writer_.recover(std::move(entry));
        } else {
            operations_.resume(entry);
        }
        taken_.pop_back();
    }
}

Async<void> TakeOver::watch_forever() {
    auto heard_since = system_clock().steady();
    for (;;) {
        co_await runtime::sleep_for(options_.interval);
        const auto now = system_clock().steady();
        if (!peers_.alive()) {
            heard_since = now;
        }
        if (now - heard_since < options_.settle) {
            continue;
        }
        try {
            co_await look();
        } catch (const coordination::StoreUnavailable&) {
            heard_since = now;
        }
    }
}

}  // namespace miroir::operations
