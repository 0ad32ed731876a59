#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "miroir/base/clock.hpp"
#include "miroir/base/result.hpp"

namespace miroir::auth {

// What a tenant token lets its bearer search.
struct SearchRule {
    std::string pattern;  // of index uids
    // JSON of a filter: every search of a matching index is narrowed by it. Empty: none.
    std::optional<std::string> filter;
};

class SearchRules {
public:
    explicit SearchRules(std::vector<SearchRule> rules = {}) : rules_(std::move(rules)) {}

    bool allows_index(std::string_view uid) const;
    // Of the rule that matches most exactly: the uid itself, else the longest pattern.
    std::optional<std::string> filter_of(std::string_view uid) const;
    // Sorted.
    std::vector<std::string> patterns() const;

private:
    std::vector<SearchRule> rules_;
};

struct TenantToken {
    std::string key_uid;  // of the API key that it was signed with
    SearchRules rules;
};

// The value of the API key with that uid, whether there is one or not.
using KeyValueOf = std::function<std::string(std::string_view uid)>;

// Reads a JSON Web Token signed by an API key's value (HS256, HS384, HS512) as Meilisearch does (jsonwebtoken
// 10.4). Empty: the text is no such token at all. Errors: it is one and is forged, malformed or too old.
// Whether the key exists is for the caller to find out.
Result<std::optional<TenantToken>> open_tenant_token(std::string_view text, const KeyValueOf& key_value_of,
                                                     WallTime now);

}  // namespace miroir::auth
