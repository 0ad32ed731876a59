#include "index_catalog.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "miroir/coordination/stored_values.hpp"

namespace miroir::stores {

using coordination::CatalogChange;

namespace {

constexpr auto script = RedisScript::catalog;

cluster::IndexEntry entry_of(const RedisHash& hash) {
    cluster::IndexEntry entry;
    entry.logical = LogicalIndexUid(hash.text("logical"));
    entry.physical = PhysicalIndexUid(hash.text("physical"));
    entry.generation = static_cast<Generation>(hash.number("generation"));
    entry.primary_key = hash.optional_text("primary_key");
    entry.shards = static_cast<std::uint32_t>(hash.number("shards"));
    entry.placement = cluster::placement_from_json(hash.text("placement"));
    entry.settings_json = hash.text("settings");
    entry.settings_version = static_cast<SettingsVersion>(hash.number("settings_version"));
    entry.created_at = {hash.number("created_at")};
    entry.updated_at = {hash.number("updated_at")};
    return entry;
}

std::optional<cluster::IndexEntry> entry_in(const RedisReply& reply) {
    const RedisHash hash(reply);
    return hash.empty() ? std::nullopt : std::optional(entry_of(hash));
}

}  // namespace

Async<std::vector<cluster::IndexEntry>> RedisIndexCatalog::list() {
    const auto reply = co_await session_.step(script, "list");
    std::vector<cluster::IndexEntry> entries;
    for (const auto& one : reply.list()) entries.push_back(entry_of(RedisHash(one)));
    std::sort(entries.begin(), entries.end(),
              [](const auto& left, const auto& right) { return left.logical < right.logical; });
    co_return entries;
}

Async<std::optional<cluster::IndexEntry>> RedisIndexCatalog::find(LogicalIndexUid uid) {
    std::vector<std::string> step = {"find", uid.str()};
    const auto reply = co_await session_.step(script, std::move(step));
    co_return entry_in(reply);
}

Async<std::optional<cluster::IndexEntry>> RedisIndexCatalog::create(cluster::IndexEntry entry) {
    std::vector<std::string> step = {"create",
                                     entry.logical.str(),
                                     entry.physical.str(),
                                     optional_argument(entry.primary_key),
                                     std::to_string(entry.shards),
                                     cluster::to_json(entry.placement),
                                     entry.settings_json,
                                     std::to_string(entry.settings_version)};
    const auto reply = co_await session_.step(script, std::move(step));
    co_return entry_in(reply);
}

Async<CatalogChange> RedisIndexCatalog::change(std::vector<std::string> step) {
    const auto reply = co_await session_.step(script, std::move(step));
    const auto& name = reply.text();
    if (name == "done") co_return CatalogChange::done;
    if (name == "stale_generation") co_return CatalogChange::stale_generation;
    if (name == "name_taken") co_return CatalogChange::name_taken;
    co_return CatalogChange::not_found;
}

Async<CatalogChange> RedisIndexCatalog::set_primary_key(LogicalIndexUid uid, Generation expected,
                                                        std::string key) {
    return change({"set_primary_key", uid.str(), std::to_string(expected), std::move(key)});
}

Async<CatalogChange> RedisIndexCatalog::change_primary_key(LogicalIndexUid uid, Generation expected,
                                                           std::optional<std::string> key) {
    return change({"change_primary_key", uid.str(), std::to_string(expected), optional_argument(key)});
}

Async<CatalogChange> RedisIndexCatalog::rename(LogicalIndexUid uid, Generation expected, LogicalIndexUid to) {
    return change({"rename", uid.str(), std::to_string(expected), to.str()});
}

Async<CatalogChange> RedisIndexCatalog::swap(std::vector<coordination::NameSwap> swaps, TaskUid below) {
    auto list = nlohmann::json::array();
    for (const auto& swap : swaps) {
        list.push_back({{"from", swap.from.str()}, {"to", swap.to.str()}, {"rename", swap.rename}});
    }
    return change({"swap", list.dump(), std::to_string(below)});
}

Async<CatalogChange> RedisIndexCatalog::set_settings(LogicalIndexUid uid, Generation expected,
                                                     std::string settings_json) {
    return change({"set_settings", uid.str(), std::to_string(expected), std::move(settings_json)});
}

Async<CatalogChange> RedisIndexCatalog::remove(LogicalIndexUid uid, Generation expected) {
    return change({"remove", uid.str(), std::to_string(expected)});
}

Async<std::vector<PhysicalIndexUid>> RedisIndexCatalog::removed_among(std::vector<PhysicalIndexUid> uids) {
    std::vector<std::string> texts;
    for (const auto& uid : uids) texts.push_back(uid.str());
    std::vector<std::string> step = {"removed_among", coordination::list_text(texts)};
    const auto reply = co_await session_.step(script, std::move(step));
    std::vector<PhysicalIndexUid> removed;
    for (auto& text : reply.texts()) removed.emplace_back(std::move(text));
    co_return removed;
}

Async<void> RedisIndexCatalog::touch(LogicalIndexUid uid) {
    std::vector<std::string> step = {"touch", uid.str()};
    co_await session_.step(script, std::move(step));
}

}  // namespace miroir::stores
