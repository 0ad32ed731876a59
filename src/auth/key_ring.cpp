#include "miroir/auth/key_ring.hpp"

#include <algorithm>

#include "miroir/base/hash.hpp"
#include "miroir/meili/index_pattern.hpp"
#include "miroir/meili/key_actions.hpp"

namespace miroir::auth {

KeyInForce::KeyInForce(coordination::ApiKey stored)
    : key(std::move(stored)),
      actions(meili::allowed_actions(key.actions)),
      all_indexes(std::count(key.indexes.begin(), key.indexes.end(), "*") != 0) {}

bool KeyInForce::allows_index(std::string_view uid) const {
    return std::any_of(key.indexes.begin(), key.indexes.end(), [&](const std::string& pattern) {
        return meili::matches_index_pattern(pattern, uid);
    });
}

bool KeyInForce::allows(std::string_view action, bool on_an_index) const {
    const bool in_reach =
        all_indexes || on_an_index || (meili::is_checked_by_route(action) && !key.indexes.empty());
    return in_reach && actions.count(action) != 0;
}

KeyRing::KeyRing(std::vector<coordination::ApiKey> keys, std::string_view master_key) {
    for (auto& stored : keys) {
        auto key = std::make_shared<const KeyInForce>(std::move(stored));
        if (!master_key.empty()) {
            by_digest_.emplace(sha256_hex(meili::key_value(master_key, key->key.uid)), key);
        }
        by_uid_.emplace(key->key.uid, std::move(key));
    }
}

std::shared_ptr<const KeyInForce> KeyRing::by_value(std::string_view value) const {
    std::string digits(value);
    std::transform(digits.begin(), digits.end(), digits.begin(),
                   [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c | 0x20) : c; });
    const auto found = by_digest_.find(sha256_hex(digits));
    return found == by_digest_.end() ? nullptr : found->second;
}

std::shared_ptr<const KeyInForce> KeyRing::by_uid(std::string_view uid) const {
    const auto found = by_uid_.find(uid);
    return found == by_uid_.end() ? nullptr : found->second;
}

}  // namespace miroir::auth
