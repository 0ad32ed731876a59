#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "miroir/base/clock.hpp"
#include "miroir/meili/api_key.hpp"
#include "miroir/runtime/async.hpp"

namespace miroir::coordination {

// An API key. Its value is not among this: whoever has the master key can tell it (meili::key_value).
struct ApiKey {
    std::string uid;  // lower-case hyphenated UUID
    std::optional<std::string> name;
    std::optional<std::string> description;
    std::vector<std::string> actions;  // as they were given
    std::vector<std::string> indexes;  // patterns
    std::optional<meili::KeyExpiry> expires_at;
    // By the store's clock; what a draft says does not count.
    WallTime created_at;
    WallTime updated_at;
    friend bool operator==(const ApiKey&, const ApiKey&) = default;
};

enum class KeyCreated { done, uid_taken, full };

// Every change raises the store's view version. All throw StoreUnavailable.
class KeyStore {
public:
    virtual ~KeyStore() = default;

    // Grows with every change of any key.
    virtual Async<std::uint64_t> version() = 0;

    // Newest first; of those made in one moment the later one.
    virtual Async<std::vector<ApiKey>> list() = 0;

    // Keeps the draft unless its uid is known or there are `keys_max` already. `key` gets its times.
    struct Creation {
        KeyCreated result = KeyCreated::done;
        ApiKey key;
    };
    virtual Async<Creation> create(ApiKey draft, std::uint64_t keys_max) = 0;

    // The key as changed; empty when there is none.
    virtual Async<std::optional<ApiKey>> update(std::string uid, meili::KeyUpdate change) = 0;

    // False when there is none.
    virtual Async<bool> remove(std::string uid) = 0;

    // Keeps the drafts, in this order, if there is no key at all.
    virtual Async<void> seed(std::vector<ApiKey> drafts) = 0;
};

}  // namespace miroir::coordination
