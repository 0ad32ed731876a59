#include "miroir/api/key_handler.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "json_values.hpp"
#include "miroir/api/shielded.hpp"
#include "miroir/base/hash.hpp"
#include "miroir/meili/api_key.hpp"
#include "miroir/meili/content_type.hpp"
#include "miroir/meili/error.hpp"
#include "miroir/meili/uuid.hpp"

namespace miroir::api {

using coordination::ApiKey;
using coordination::KeyCreated;
using nlohmann::ordered_json;

namespace {

ApiError key_not_found(const std::string& named) {
    return meili::error("api_key_not_found", "API key `" + named + "` not found.");
}

ordered_json key_object(const ApiKey& key, const std::string& master_key) {
    const auto expires_at = key.expires_at ? std::optional(key.expires_at->text) : std::nullopt;
    return ordered_json{{"name", text_or_null(key.name)},
                        {"description", text_or_null(key.description)},
                        {"key", master_key.empty() ? "" : meili::key_value(master_key, key.uid)},
                        {"uid", key.uid},
                        {"actions", key.actions},
                        {"indexes", key.indexes},
                        {"expiresAt", text_or_null(expires_at)},
                        {"createdAt", rfc3339(key.created_at)},
                        {"updatedAt", rfc3339(key.updated_at)}};
}

}  // namespace

KeyHandler::KeyHandler(coordination::KeyStore& keys, KeyHandlerOptions options, Executor control)
    : keys_(keys), options_(std::move(options)), control_(std::move(control)) {}

std::string KeyHandler::key_json(const ApiKey& key) const {
    return key_object(key, options_.master_key).dump();
}

Async<coordination::KeyStore::Creation> KeyHandler::create_and_tell(ApiKey draft) {
    auto creation = co_await keys_.create(std::move(draft), options_.keys_max);
    if (creation.result == KeyCreated::done) {
        co_await options_.seen_by_all();
    }
    co_return creation;
}

Async<std::optional<ApiKey>> KeyHandler::update_and_tell(std::string uid, meili::KeyUpdate change) {
    auto key = co_await keys_.update(std::move(uid), std::move(change));
    if (key) {
        co_await options_.seen_by_all();
    }
    co_return key;
}

Async<bool> KeyHandler::remove_and_tell(std::string uid) {
    const bool removed = co_await keys_.remove(std::move(uid));
    if (removed) {
        co_await options_.seen_by_all();
    }
    co_return removed;
}

Async<Result<std::string>> KeyHandler::uid_in(std::string named) {
    if (auto uid = meili::parse_uuid(named)) {
        co_return std::move(*uid);
    }
    auto value = named;
    std::transform(value.begin(), value.end(), value.begin(),
                   [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c | 0x20) : c; });
    auto call = keys_.list();
    const auto keys = co_await shielded_on(control_, std::move(call));
    for (const auto& key : keys) {
        if (equal_constant_time(value, meili::key_value(options_.master_key, key.uid))) {
            co_return key.uid;
        }
    }
    co_return key_not_found(named);
}

Async<Result<http::Response>> KeyHandler::create(http::Request request, auth::Grant) {
    const auto type = meili::check_json_content_type(content_type_of(request));
    if (!type) {
        co_return type.error();
    }
    auto creation = meili::parse_key_creation(request.body, system_clock().wall());
    if (!creation) {
        co_return creation.error();
    }
    auto& asked = creation.value();
    ApiKey draft;
    draft.uid = asked.uid.empty() ? uuid_v4() : asked.uid;
    draft.name = std::move(asked.name);
    draft.description = std::move(asked.description);
    draft.actions = std::move(asked.actions);
    draft.indexes = std::move(asked.indexes);
    draft.expires_at = std::move(asked.expires_at);
    auto call = create_and_tell(std::move(draft));
    const auto created = co_await shielded_on(control_, std::move(call));
    if (created.result == KeyCreated::uid_taken) {
        co_return meili::error("api_key_already_exists",
                               "`uid` field value `" + created.key.uid + "` is already an existing API key.");
    }
    if (created.result == KeyCreated::full) {
        co_return meili::slow_down("There are " + std::to_string(options_.keys_max) +
                                   " API keys, as many as `auth.keys_max` allows. Delete some first.");
    }
    co_return http::json_response(key_json(created.key), 201);
}

Async<Result<http::Response>> KeyHandler::list(http::Request request, auth::Grant) {
    const auto page = meili::parse_key_page(meili::decode_query(request.query));
    if (!page) {
        co_return page.error();
    }
    auto call = keys_.list();
    const auto keys = co_await shielded_on(control_, std::move(call));
    const auto [offset, limit] = page.value();
    auto results = ordered_json::array();
    for (std::uint64_t i = offset; i < keys.size() && results.size() < limit; ++i) {
        results.push_back(key_object(keys[i], options_.master_key));
    }
    const ordered_json body{
        {"results", std::move(results)}, {"offset", offset}, {"limit", limit}, {"total", keys.size()}};
    co_return http::json_response(body.dump());
}

Async<Result<http::Response>> KeyHandler::get(http::Request request, auth::Grant) {
    auto named = request.path_parameter("key");
    const auto uid = co_await uid_in(std::move(named));
    if (!uid) {
        co_return uid.error();
    }
    auto call = keys_.list();
    const auto keys = co_await shielded_on(control_, std::move(call));
    const auto found =
        std::find_if(keys.begin(), keys.end(), [&](const ApiKey& key) { return key.uid == uid.value(); });
    if (found == keys.end()) {
        co_return key_not_found(uid.value());
    }
    co_return http::json_response(key_json(*found));
}

Async<Result<http::Response>> KeyHandler::update(http::Request request, auth::Grant) {
    const auto type = meili::check_json_content_type(content_type_of(request));
    if (!type) {
        co_return type.error();
    }
    auto change = meili::parse_key_update(request.body);
    if (!change) {
        co_return change.error();
    }
    auto named = request.path_parameter("key");
    const auto uid = co_await uid_in(std::move(named));
    if (!uid) {
        co_return uid.error();
    }
    auto wanted = uid.value();
    auto call = update_and_tell(std::move(wanted), std::move(change.value()));
    const auto key = co_await shielded_on(control_, std::move(call));
    if (!key) {
        co_return key_not_found(uid.value());
    }
    co_return http::json_response(key_json(*key));
}

Async<Result<http::Response>> KeyHandler::remove(http::Request request, auth::Grant) {
    auto named = request.path_parameter("key");
    const auto uid = co_await uid_in(std::move(named));
    if (!uid) {
        co_return uid.error();
    }
    auto wanted = uid.value();
    auto call = remove_and_tell(std::move(wanted));
    const bool removed = co_await shielded_on(control_, std::move(call));
    if (!removed) {
        co_return key_not_found(uid.value());
    }
    http::Response response;
    response.status = 204;
    co_return response;
}

}  // namespace miroir::api
