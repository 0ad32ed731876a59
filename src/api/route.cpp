#include "miroir/api/route.hpp"

#include <algorithm>

#include "miroir/base/hash.hpp"
#include "miroir/meili/error.hpp"
#include "miroir/meili/json_text.hpp"

namespace miroir::api {

http::Response error_response(const ApiError& error) {
    auto response = http::json_response(meili::to_json(error), error.status);
    if (error.status == 503) {
        response.headers.emplace_back("retry-after", "10");
    } else if (error.status == 429) {
        response.headers.emplace_back("retry-after", "1");
    }
    return response;
}

namespace {

Async<http::Response> answer(GrantedHandler handler, http::Request request, auth::Grant grant) {
    auto result = co_await handler(std::move(request), std::move(grant));
    if (!result) {
        co_return error_response(result.error());
    }
    co_return std::move(result.value());
}

Async<http::Response> refuse(ApiError error) {
    co_return error_response(error);
}

const std::string* uid_in_path(const http::Request& request) {
    for (const auto& [name, value] : request.path_parameters) {
        if (name == "uid") {
            return &value;
        }
    }
    return nullptr;
}

}  // namespace

http::Handler granted(const auth::Authenticator& authenticator, std::string action, GrantedHandler handler) {
    return [&authenticator, action = std::move(action), handler = std::move(handler)](http::Request request) {
        const auto* uid = uid_in_path(request);
        auto grant = authenticator.authorize(request.header("authorization"), action, uid);
        if (!grant) {
            return refuse(grant.error());
        }
        if (uid != nullptr && !grant.value().allows(LogicalIndexUid(*uid))) {
            return refuse(auth::invalid_key());
        }
        return answer(handler, std::move(request), std::move(grant.value()));
    };
}

namespace {

constexpr std::size_t idempotency_key_bytes_max = 255;

// Who asks for what under which key, and with which body. Empty without the header.
Result<std::optional<coordination::TaskClaim>> claim_of(const http::Request& request,
                                                        const auth::Grant& grant) {
    const auto* key = request.header("idempotency-key");
    if (key == nullptr) {
        return std::nullopt;
    }
    const bool printable = std::all_of(key->begin(), key->end(), [](char c) { return c >= ' ' && c <= '~'; });
    if (key->empty() || key->size() > idempotency_key_bytes_max || !printable) {
        return meili::error("miroir_invalid_header", "The header `Idempotency-Key` must be 1 to " +
                                                         std::to_string(idempotency_key_bytes_max) +
                                                         " printable ASCII characters.");
    }
    std::string scope;
    for (const auto& part :
         {grant.key_uid, std::string(http::name_of(request.method)), request.path, request.query, *key}) {
        scope += std::to_string(part.size()) + ":" + part;
    }
    return coordination::TaskClaim{sha256_hex(scope), sha256_hex(request.body)};
}

}  // namespace

http::Handler granted_write(const auth::Authenticator& authenticator, std::string action,
                            GrantedHandler handler) {
    auto claimed = [handler = std::move(handler)](http::Request request,
                                                  auth::Grant grant) -> Async<Result<http::Response>> {
        auto claim = claim_of(request, grant);
        if (!claim) {
            co_return claim.error();
        }
        grant.claim = std::move(claim.value());
        auto response = co_await handler(std::move(request), std::move(grant));
        co_return response;
    };
    return granted(authenticator, std::move(action), std::move(claimed));
}

http::Handler admin_only(const auth::Authenticator& authenticator, GrantedHandler handler) {
    return [&authenticator, handler = std::move(handler)](http::Request request) {
        auto allowed =
            authenticator.authorize_admin(request.header("authorization"), request.header("x-admin-key"));
        if (!allowed) {
            return refuse(allowed.error());
        }
        return answer(handler, std::move(request), auth::full_grant());
    };
}

http::Response accepted(const TaskSummary& task, int status) {
    std::string body = "{\"taskUid\":" + std::to_string(task.uid) + ",\"indexUid\":";
    if (task.index_uid) {
        meili::append_json_string(body, *task.index_uid);
    } else {
        body += "null";
    }
    body += ",\"status\":\"enqueued\",\"type\":\"" + task.type + "\",\"enqueuedAt\":\"" +
            rfc3339(task.enqueued_at) + "\"";
    if (task.custom_metadata) {
        body += ",\"customMetadata\":";
        meili::append_json_string(body, *task.custom_metadata);
    }
    body += "}";
    return http::json_response(std::move(body), status);
}

std::optional<std::string_view> content_type_of(const http::Request& request) {
    const auto* value = request.header("content-type");
    return value == nullptr ? std::nullopt : std::optional<std::string_view>(*value);
}

}  // namespace miroir::api
