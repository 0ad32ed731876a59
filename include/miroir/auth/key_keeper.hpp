#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <string>

#include "miroir/auth/key_ring.hpp"
#include "miroir/base/log.hpp"
#include "miroir/base/metrics.hpp"
#include "miroir/coordination/key_store.hpp"
#include "miroir/runtime/concurrency.hpp"

namespace miroir::auth {

struct KeyOptions {
    std::string master_key;
    // How often the keys are compared with the store's, besides whenever the view changes.
    std::chrono::seconds refresh{5};
    // Keys that could not be compared for so long are not trusted any more.
    std::chrono::seconds offline_max{300};
};

// This replica's copy of the API keys, so that requests need no store. current() is for any thread;
// everything else runs on the control executor.
class KeyKeeper {
public:
    KeyKeeper(coordination::KeyStore& store, KeyOptions options, Executor control, Log& log, Metrics& metrics,
              const Clock& clock = system_clock());

    // Makes Meilisearch's default keys if there are none, and reads. Throws StoreUnavailable.
    Async<void> start();
    Async<void> stop();

    // Reads the keys if they have changed. Throws StoreUnavailable.
    Async<void> refresh();

    // Null when they are too old to be trusted.
    std::shared_ptr<const KeyRing> current() const;

    const std::string& master_key() const { return options_.master_key; }

private:
    Async<void> refresh_forever();

    coordination::KeyStore& store_;
    const KeyOptions options_;
    Log& log_;
    Gauge& count_;
    const Clock& clock_;
    mutable std::mutex mutex_;
    std::shared_ptr<const KeyRing> ring_;
    std::uint64_t version_ = 0;
    // Refreshes, in the order in which they began: the last one, and the one whose keys are in force.
    std::uint64_t begun_ = 0;
    std::uint64_t installed_ = 0;
    std::atomic<SteadyTime::rep> confirmed_at_;
    runtime::TaskGroup group_;
};

}  // namespace miroir::auth
