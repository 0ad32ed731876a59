#include "miroir/auth/grant.hpp"

#include <algorithm>

#include "miroir/auth/tenant_token.hpp"
#include "miroir/base/hash.hpp"
#include "miroir/meili/api_key.hpp"
#include "miroir/meili/error.hpp"
#include "miroir/meili/json_text.hpp"

namespace miroir::auth {

ApiError invalid_key() {
    return meili::error("invalid_api_key", "The provided API key is invalid.");
}

namespace {

// Not 403 as for clients' keys: whoever fails here has not proved to be an operator.
ApiError invalid_admin_key() {
    auto refusal = meili::error("invalid_api_key", "The provided admin key is invalid.");
    refusal.status = 401;
    return refusal;
}

ApiError missing_header() {
    return meili::error("missing_authorization_header",
                        "The Authorization header is missing. It must use the bearer authorization method.");
}

}  // namespace

Grant full_grant() {
    return Grant{};
}

namespace {

// The text behind `Bearer `, which may be empty.
Result<std::string> token_of(const std::string& authorization) {
    const auto space = authorization.find(' ');
    if (authorization.substr(0, space) != "Bearer") {
        return missing_header();
    }
    if (space == std::string::npos) {
        return invalid_key();
    }
    return authorization.substr(space + 1);
}

}  // namespace

Result<std::string> bearer_token(const std::string* authorization) {
    if (authorization == nullptr) {
        return missing_header();
    }
    return token_of(*authorization);
}

KeyAuthenticator::KeyAuthenticator(AuthOptions options, const KeyKeeper* keys, const Clock& clock)
    : options_(std::move(options)), keys_(keys), clock_(clock) {}

Result<Grant> KeyAuthenticator::authorize(const std::string* authorization, std::string_view action,
                                          const std::string* index) const {
    if (options_.master_key.empty()) {
        // As the engine does: no header is fine, a malformed one is not.
        const auto token = authorization == nullptr ? Result<std::string>("") : token_of(*authorization);
        if (!token) {
            return token.error();
        }
        if (action.starts_with("keys.")) {
            return meili::error(
                "missing_master_key",
                "Meilisearch is running without a master key. To access this API endpoint, you must "
                "have set a master key at launch.");
        }
        return full_grant();
    }
    const auto token = bearer_token(authorization);
    if (!token) {
        return token.error();
    }
    if (equal_constant_time(token.value(), options_.master_key)) {
        return full_grant();
    }
    return authorize_key(token.value(), action, index);
}

namespace {

// Rust's Debug of a list of texts.
std::string quoted_list(const std::vector<std::string>& texts) {
    std::string list;
    for (const auto& text : texts) {
        list += list.empty() ? "" : ", ";
        meili::append_json_string(list, text);
    }
    return "[" + list + "]";
}

ApiError out_of_reach(const std::string& index, const KeyInForce& key, const SearchRules* rules) {
    if (rules != nullptr && !rules->allows_index(index)) {
        return meili::error("invalid_api_key", "The provided tenant token cannot acces the index `" + index +
                                                   "`, allowed indexes are " +
                                                   quoted_list(rules->patterns()) + ".");
    }
    // What its key may see is not for the bearer of a tenant token to know.
    if (rules != nullptr) {
        return meili::error(
            "invalid_api_key",
            "The API key used to generate this tenant token cannot acces the index `" + index + "`.");
    }
    auto patterns = key.key.indexes;
    std::sort(patterns.begin(), patterns.end());
    patterns.erase(std::unique(patterns.begin(), patterns.end()), patterns.end());
    return meili::error("invalid_api_key", "The API key cannot acces the index `" + index +
                                               "`, authorized indexes are " + quoted_list(patterns) + ".");
}

Grant grant_of(std::shared_ptr<const KeyInForce> key, std::shared_ptr<const SearchRules> rules) {
    Grant grant;
    grant.key_uid = key->key.uid;
    grant.may_create_index = key->actions.count("indexes.create") != 0;
    if (!key->all_indexes || rules != nullptr) {
        grant.index_allowed = [key, rules](const LogicalIndexUid& uid) {
            return key->allows_index(uid.str()) && (rules == nullptr || rules->allows_index(uid.str()));
        };
    }
    if (rules != nullptr) {
        grant.injected_filter = [rules](const LogicalIndexUid& uid) { return rules->filter_of(uid.str()); };
    }
    return grant;
}

// Tenant tokens are for searching.
bool takes_tenant_tokens(std::string_view action) {
    return action == "search" || action == "chatCompletions";
}

}  // namespace

// What the engine's ActionPolicy::authenticate() does.
Result<Grant> KeyAuthenticator::authorize_key(const std::string& token, std::string_view action,
                                              const std::string* index) const {
    if (keys_ == nullptr) {
        return invalid_key();
    }
    const auto ring = keys_->current();
    if (ring == nullptr) {
        return meili::error("miroir_coordination_unavailable",
                            "The API keys cannot be checked: the coordination store is away.");
    }
    std::shared_ptr<const KeyInForce> key;
    std::shared_ptr<const SearchRules> rules;
    if (takes_tenant_tokens(action)) {
        const auto value_of = [this](std::string_view uid) {
            return meili::key_value(options_.master_key, uid);
        };
        auto opened = open_tenant_token(token, value_of, clock_.wall());
        if (!opened) {
            return opened.error();
        }
        if (opened.value()) {
            key = ring->by_uid(opened.value()->key_uid);
            rules = std::make_shared<const SearchRules>(std::move(opened.value()->rules));
        }
    }
    if (rules == nullptr) {
        key = ring->by_value(token);
    }
    if (key == nullptr) {
        return invalid_key();
    }
    const bool in_reach =
        index == nullptr || (key->allows_index(*index) && (rules == nullptr || rules->allows_index(*index)));
    if (!in_reach) {
        return out_of_reach(*index, *key, rules.get());
    }
    if (key->expired(clock_.wall()) || !key->allows(action, index != nullptr)) {
        return invalid_key();
    }
    return grant_of(std::move(key), std::move(rules));
}

Result<void> KeyAuthenticator::authorize_admin(const std::string* authorization,
                                               const std::string* admin_key) const {
    const auto& expected = options_.admin_key.empty() ? options_.master_key : options_.admin_key;
    if (expected.empty()) {
        return ok();
    }
    if (admin_key != nullptr) {
        if (equal_constant_time(*admin_key, expected)) {
            return ok();
        }
        return invalid_admin_key();
    }
    auto token = bearer_token(authorization);
    if (!token) {
        return token.error();
    }
    if (!equal_constant_time(token.value(), expected)) {
        return invalid_admin_key();
    }
    return ok();
}

}  // namespace miroir::auth
