#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "miroir/coordination/key_store.hpp"

namespace miroir::auth {

// A key as requests are judged by it.
struct KeyInForce {
    coordination::ApiKey key;
    // Without wildcards (meili::allowed_actions).
    std::set<std::string, std::less<>> actions;
    bool all_indexes = false;

    explicit KeyInForce(coordination::ApiKey stored);
    bool expired(WallTime now) const { return key.expires_at && key.expires_at->at <= now; }
    bool allows_index(std::string_view uid) const;
    // Without an index: whether the key may do it on a route that is about none or several.
    bool allows(std::string_view action, bool on_an_index) const;
};

// All API keys at one moment. Immutable.
class KeyRing {
public:
    // The master key turns uids into values; without one no value is known.
    KeyRing(std::vector<coordination::ApiKey> keys, std::string_view master_key);

    // Null when no key has that value (64 hex digits). What it costs does not depend on how much of it fits.
    std::shared_ptr<const KeyInForce> by_value(std::string_view value) const;
    std::shared_ptr<const KeyInForce> by_uid(std::string_view uid) const;
    std::size_t size() const { return by_uid_.size(); }

private:
    std::map<std::string, std::shared_ptr<const KeyInForce>, std::less<>> by_uid_;
    // By the SHA-256 of the value.
    std::map<std::string, std::shared_ptr<const KeyInForce>, std::less<>> by_digest_;
};

}  // namespace miroir::auth
