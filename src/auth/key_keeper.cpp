#include "miroir/auth/key_keeper.hpp"

#include "miroir/base/hash.hpp"
#include "miroir/coordination/store_error.hpp"

namespace miroir::auth {

namespace {

coordination::ApiKey default_key(std::string name, std::vector<std::string> actions,
                                 std::string description) {
    coordination::ApiKey key;
    key.uid = uuid_v4();
    key.name = std::move(name);
    key.description = std::move(description);
    key.actions = std::move(actions);
    key.indexes = {"*"};
    return key;
}

// Those of crates/meilisearch-types/src/keys.rs, in the order of meilisearch-auth's generate_default_keys().
std::vector<coordination::ApiKey> default_keys() {
    return {
        default_key("Default Chat API Key", {"chatCompletions", "search"},
                    "Use it to chat and search from the frontend"),
        default_key(
            "Default Read-Only Admin API Key", {"*.get", "keys.get"},
            "Use it to read information across the whole database. Caution! Do not expose this key on "
            "a public frontend"),
        default_key("Default Admin API Key", {"*"},
                    "Use it for anything that is not a search operation. Caution! Do not expose it on a "
                    "public frontend"),
        default_key("Default Search API Key", {"search"}, "Use it to search from the frontend"),
    };
}

}  // namespace

KeyKeeper::KeyKeeper(coordination::KeyStore& store, KeyOptions options, Executor control, Log& log,
                     Metrics& metrics, const Clock& clock)
    : store_(store),
      options_(std::move(options)),
      log_(log),
      count_(metrics.gauge("miroir_api_keys", "API keys that this replica knows.")),
      clock_(clock),
      confirmed_at_(SteadyTime::min().time_since_epoch().count()),
      group_(std::move(control), runtime::log_errors(log)) {}

Async<void> KeyKeeper::start() {
    auto drafts = default_keys();
    co_await store_.seed(std::move(drafts));
    co_await refresh();
    group_.spawn("key refresh", [this]() { return refresh_forever(); });
}

Async<void> KeyKeeper::stop() {
    return group_.stop();
}

Async<void> KeyKeeper::refresh() {
    const auto begun = clock_.steady();
    const auto turn = ++begun_;
    // Read first: what changes while the keys are read is read again.
    const auto version = co_await store_.version();
    if (!ring_ || version != version_) {
        auto keys = co_await store_.list();
        auto ring = std::make_shared<const KeyRing>(std::move(keys), options_.master_key);
        if (turn < installed_) {
            co_return;  // one that began later was faster
        }
        count_.set(static_cast<double>(ring->size()));
        const std::lock_guard lock(mutex_);
        ring_ = std::move(ring);
        version_ = version;
        installed_ = turn;
    }
    confirmed_at_ = begun.time_since_epoch().count();
}

std::shared_ptr<const KeyRing> KeyKeeper::current() const {
    const auto confirmed = SteadyTime(SteadyTime::duration(confirmed_at_.load()));
    if (clock_.steady() >= confirmed + options_.offline_max) {
        return nullptr;
    }
    const std::lock_guard lock(mutex_);
    return ring_;
}

Async<void> KeyKeeper::refresh_forever() {
    bool away = false;
    for (;;) {
        co_await runtime::sleep_for(options_.refresh);
        bool failed = false;
        try {
            co_await refresh();
        } catch (const coordination::StoreUnavailable&) {
            failed = true;
        }
        if (failed && !away) log_.warn("the coordination store is away: changes of API keys are not seen");
        away = failed;
    }
}

}  // namespace miroir::auth
