#pragma once

#include "miroir/auth/grant.hpp"
#include "miroir/http/router.hpp"

namespace miroir::api {

// The routes of Meilisearch that answer `feature_not_enabled` while an experimental feature is off, which it
// always is here; and those that miroir does not serve: 501 miroir_not_supported. Both only to who may use
// them.
void add_unserved_routes(http::Router& router, const auth::Authenticator& authenticator);

}  // namespace miroir::api
