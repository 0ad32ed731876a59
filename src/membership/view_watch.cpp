#include "miroir/membership/view_watch.hpp"

#include "miroir/coordination/store_error.hpp"

namespace miroir::membership {

ViewWatch::ViewWatch(SnapshotKeeper& snapshots, std::chrono::milliseconds interval, Executor control,
                     Log& log)
    : snapshots_(snapshots),
      interval_(interval),
      log_(log),
      group_(std::move(control), runtime::log_errors(log)) {}

void ViewWatch::start() {
    group_.spawn("view watch", [this]() { return watch_forever(); });
}

Async<void> ViewWatch::stop() {
    return group_.stop();
}

Async<void> ViewWatch::watch_forever() {
    bool away = false;
    for (;;) {
        co_await runtime::sleep_for(interval_);
        bool failed = false;
        try {
            co_await snapshots_.follow();
        } catch (const coordination::StoreUnavailable&) {
            failed = true;
        }
        if (failed && !away)
            log_.warn("the coordination store is away: changes of other replicas are not seen");
        away = failed;
    }
}

}  // namespace miroir::membership
