#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "miroir/base/clock.hpp"
#include "miroir/base/result.hpp"
#include "miroir/meili/requests.hpp"

// The bodies and parameters of `/keys`.
namespace miroir::meili {

struct KeyExpiry {
    WallTime at;
    // As the key object shows it: RFC 3339 in the offset that was given.
    std::string text;
    friend bool operator==(const KeyExpiry&, const KeyExpiry&) = default;
};

struct KeyCreation {
    std::optional<std::string> description;
    std::optional<std::string> name;
    // Lower-case hyphenated; empty: one is to be made.
    std::string uid;
    std::vector<std::string> actions;
    std::vector<std::string> indexes;  // patterns
    std::optional<KeyExpiry> expires_at;
};

// What a change names: absent, null, or a text.
struct KeyUpdate {
    std::optional<std::optional<std::string>> description;
    std::optional<std::optional<std::string>> name;
};

// `now`: what expires must do so later.
Result<KeyCreation> parse_key_creation(std::string_view body, WallTime now);
Result<KeyUpdate> parse_key_update(std::string_view body);
Result<Page> parse_key_page(const QueryParameters& parameters);

// The HMAC-SHA256 of the uid under the master key, in hex: what clients send.
std::string key_value(std::string_view master_key, std::string_view uid);

}  // namespace miroir::meili
