#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "miroir/base/ids.hpp"
#include "miroir/runtime/async.hpp"

namespace miroir::coordination {

using Ttl = std::chrono::milliseconds;

struct Lease {
    std::string name;
    std::string holder;
    FenceToken token = 0;
};

// The exclusive, expiring right to do one named job. Expiry is judged by the store's clock alone.
class LeaseElector {
public:
    virtual ~LeaseElector() = default;

    // Empty when someone else holds it. Every grant raises the fence token, also after a release.
    virtual Async<std::optional<Lease>> try_acquire(std::string name, std::string holder, Ttl ttl) = 0;

    // False when the lease is no longer ours: stop before touching shared state.
    virtual Async<bool> renew(Lease held, Ttl ttl) = 0;

    // True while `held` is the current, unexpired grant.
    virtual Async<bool> verify_held(Lease held) = 0;

    // Frees the lease if `held` is still the current grant; a stale holder's release changes nothing.
    virtual Async<void> release(Lease held) = 0;
};

}  // namespace miroir::coordination
