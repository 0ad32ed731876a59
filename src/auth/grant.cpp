#include "miroir/auth/grant.hpp"

#include "miroir/base/hash.hpp"
#include "miroir/meili/error.hpp"

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

Result<std::string> bearer_token(const std::string* authorization) {
    if (authorization == nullptr) {
        return missing_header();
    }
    const auto space = authorization->find(' ');
    if (authorization->substr(0, space) != "Bearer") {
        return missing_header();
    }
    if (space == std::string::npos || space + 1 == authorization->size()) {
        return invalid_key();
    }
    return authorization->substr(space + 1);
}

KeyAuthenticator::KeyAuthenticator(AuthOptions options) : options_(std::move(options)) {}

Result<Grant> KeyAuthenticator::authorize(const std::string* authorization, std::string_view action) const {
    if (options_.master_key.empty()) {
        if (action.starts_with("keys.")) {
            return meili::error(
                "missing_master_key",
                "Meilisearch is running without a master key. To access this API endpoint, you must "
                "have set a master key at launch.");
        }
        // As the engine does: no header is fine, one of another scheme is not.
        if (authorization != nullptr && authorization->substr(0, authorization->find(' ')) != "Bearer") {
            return missing_header();
        }
        return full_grant();
    }
    auto token = bearer_token(authorization);
    if (!token) {
        return token.error();
    }
    if (!equal_constant_time(token.value(), options_.master_key)) {
        return invalid_key();
    }
    return full_grant();
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
