#include "key_store.hpp"

#include <algorithm>
#include <tuple>

#include "miroir/coordination/stored_values.hpp"

namespace miroir::stores {

using coordination::ApiKey;
using coordination::KeyCreated;
using coordination::list_text;

namespace {

constexpr auto script = RedisScript::keys;

void append(std::vector<std::string>& step, const ApiKey& key) {
    const auto expires_at = key.expires_at ? std::optional(key.expires_at->at.us) : std::nullopt;
    const auto expires_text = key.expires_at ? std::optional(key.expires_at->text) : std::nullopt;
    step.insert(step.end(), {key.uid, optional_argument(key.name), optional_argument(key.description),
                             list_text(key.actions), list_text(key.indexes), optional_argument(expires_at),
                             optional_argument(expires_text)});
}

ApiKey key_of(const RedisHash& hash) {
    ApiKey key;
    key.uid = hash.text("uid");
    key.name = hash.optional_text("name");
    key.description = hash.optional_text("description");
    key.actions = coordination::texts_in(hash.text("actions"));
    key.indexes = coordination::texts_in(hash.text("indexes"));
    if (const auto expires_at = hash.optional_number("expires_at")) {
        key.expires_at = meili::KeyExpiry{{*expires_at}, hash.text("expires_text")};
    }
    key.created_at = {hash.number("created_at")};
    key.updated_at = {hash.number("updated_at")};
    return key;
}

}  // namespace

Async<std::uint64_t> RedisKeyStore::version() {
    const auto reply = co_await session_.step(script, "version");
    co_return static_cast<std::uint64_t>(reply.number());
}

Async<std::vector<ApiKey>> RedisKeyStore::list() {
    const auto reply = co_await session_.step(script, "list");
    std::vector<std::tuple<std::int64_t, std::int64_t, ApiKey>> numbered;
    for (const auto& one : reply.list()) {
        const RedisHash hash(one);
        numbered.emplace_back(hash.number("created_at"), hash.number("number"), key_of(hash));
    }
    std::sort(numbered.begin(), numbered.end(), [](const auto& left, const auto& right) {
        return std::tie(std::get<0>(left), std::get<1>(left)) >
               std::tie(std::get<0>(right), std::get<1>(right));
    });
    std::vector<ApiKey> keys;
    for (auto& one : numbered) keys.push_back(std::move(std::get<ApiKey>(one)));
    co_return keys;
}

Async<coordination::KeyStore::Creation> RedisKeyStore::create(ApiKey draft, std::uint64_t keys_max) {
    std::vector<std::string> step = {"create", std::to_string(keys_max)};
    append(step, draft);
    const auto reply = co_await session_.step(script, std::move(step));
    Creation creation{KeyCreated::done, std::move(draft)};
    if (reply.is_text()) {
        creation.result = reply.text() == "full" ? KeyCreated::full : KeyCreated::uid_taken;
    } else {
        creation.key = key_of(RedisHash(reply));
    }
    co_return creation;
}

Async<std::optional<ApiKey>> RedisKeyStore::update(std::string uid, meili::KeyUpdate change) {
    std::vector<std::string> step = {"update", std::move(uid)};
    for (const auto* one : {&change.name, &change.description}) {
        step.push_back(one->has_value() ? "1" : "0");
        step.push_back(optional_argument(one->value_or(std::nullopt)));
    }
    const auto reply = co_await session_.step(script, std::move(step));
    const RedisHash hash(reply);
    if (hash.empty()) co_return std::nullopt;
    co_return key_of(hash);
}

Async<bool> RedisKeyStore::remove(std::string uid) {
    std::vector<std::string> step = {"remove", std::move(uid)};
    const auto reply = co_await session_.step(script, std::move(step));
    co_return reply.number() == 1;
}

Async<void> RedisKeyStore::seed(std::vector<ApiKey> drafts) {
    std::vector<std::string> step = {"seed"};
    for (const auto& draft : drafts) append(step, draft);
    co_await session_.step(script, std::move(step));
}

}  // namespace miroir::stores
