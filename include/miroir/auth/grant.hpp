#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "miroir/auth/key_keeper.hpp"
#include "miroir/base/clock.hpp"
#include "miroir/base/ids.hpp"
#include "miroir/base/result.hpp"
#include "miroir/coordination/task_registry.hpp"

namespace miroir::auth {

// What a request may do. Every route that reads or writes takes one.
struct Grant {
    // Empty: every index.
    std::function<bool(const LogicalIndexUid&)> index_allowed;
    // Empty: none. Else the filter (JSON: a string or an array) that every read of this index is narrowed by.
    std::function<std::optional<std::string>(const LogicalIndexUid&)> injected_filter;
    // A write to a missing index creates it.
    bool may_create_index = true;
    // Of the API key; empty: the master key, or no key at all.
    std::string key_uid;
    // Of a write with an idempotency key.
    std::optional<coordination::TaskClaim> claim;

    bool allows(const LogicalIndexUid& uid) const { return !index_allowed || index_allowed(uid); }
    std::optional<std::string> filter_for(const LogicalIndexUid& uid) const {
        return injected_filter ? injected_filter(uid) : std::nullopt;
    }
};

// Everything, everywhere: the master key, or no master key at all.
Grant full_grant();

struct AuthOptions {
    std::string master_key;  // empty: the API is open
    std::string admin_key;   // empty: the master key opens `/_miroir`, and without one it is open
};

// Who a request is, by its headers alone. `action` is Meilisearch's name of what the route does.
class Authenticator {
public:
    virtual ~Authenticator() = default;
    // `authorization`: the header's value, or null when there is none; `index`: the uid in the path, or null.
    // The grant allows that index.
    virtual Result<Grant> authorize(const std::string* authorization, std::string_view action,
                                    const std::string* index) const = 0;
    // For `/_miroir`: the admin key as bearer or as X-Admin-Key; 401 when there is none or a wrong one.
    virtual Result<void> authorize_admin(const std::string* authorization,
                                         const std::string* admin_key) const = 0;
};

// Meilisearch's rules: the master key, API keys and tenant tokens. Any thread.
class KeyAuthenticator : public Authenticator {
public:
    // Without `keys` there are no API keys.
    explicit KeyAuthenticator(AuthOptions options, const KeyKeeper* keys = nullptr,
                              const Clock& clock = system_clock());
    Result<Grant> authorize(const std::string* authorization, std::string_view action,
                            const std::string* index) const override;
    Result<void> authorize_admin(const std::string* authorization,
                                 const std::string* admin_key) const override;

private:
    Result<Grant> authorize_key(const std::string& token, std::string_view action,
                                const std::string* index) const;

    AuthOptions options_;
    const KeyKeeper* keys_;
    const Clock& clock_;
};

// Meilisearch's refusal of a key that is unknown, or not meant for an index that the body names.
ApiError invalid_key();

// The token of `Bearer <token>`, or Meilisearch's refusal of the header.
Result<std::string> bearer_token(const std::string* authorization);

}  // namespace miroir::auth
