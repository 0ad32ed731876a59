#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "miroir/auth/grant.hpp"
#include "miroir/base/result.hpp"
#include "miroir/http/message.hpp"
#include "miroir/http/router.hpp"
#include "miroir/http/server.hpp"
#include "miroir/runtime/async.hpp"

namespace miroir::api {

using GrantedHandler = std::function<Async<Result<http::Response>>(http::Request request, auth::Grant grant)>;

// The answer for an error, in Meilisearch's shape; 503 carries Retry-After.
http::Response error_response(const ApiError& error);

// A handler that runs only with a grant for `action` (on the index in the path), and answers errors in
// Meilisearch's shape.
http::Handler granted(const auth::Authenticator& authenticator, std::string action, GrantedHandler handler);

// The same for a write: the grant holds the claim of its Idempotency-Key.
http::Handler granted_write(const auth::Authenticator& authenticator, std::string action,
                            GrantedHandler handler);

// The same for `/_miroir`.
http::Handler admin_only(const auth::Authenticator& authenticator, GrantedHandler handler);

// The summarized task of a 202.
struct TaskSummary {
    std::uint32_t uid = 0;
    std::optional<std::string> index_uid;
    std::string type;
    WallTime enqueued_at;
    std::optional<std::string> custom_metadata;
};
http::Response accepted(const TaskSummary& task, int status = 202);

std::optional<std::string_view> content_type_of(const http::Request& request);

}  // namespace miroir::api
