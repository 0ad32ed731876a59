#include "dirty_ledger.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace miroir::stores {

using coordination::DirtyCopy;
using coordination::DirtyMark;
using nlohmann::json;

namespace {

constexpr auto script = RedisScript::ledger;

// "physical shard node"
std::string copy_text(const cluster::CopyRef& copy) {
    return copy.index.str() + " " + std::to_string(copy.shard) + " " + copy.node.str();
}

cluster::CopyRef copy_in(const std::string& text) {
    const auto first = text.find(' ');
    const auto second = text.find(' ', first + 1);
    const auto shard = static_cast<ShardId>(std::stoul(text.substr(first + 1, second - first - 1)));
    return {PhysicalIndexUid(text.substr(0, first)), shard, NodeId(text.substr(second + 1))};
}

}  // namespace

std::string marks_text(const std::vector<DirtyMark>& marks) {
    auto list = json::array();
    for (const auto& mark : marks) {
        json one{{"copy", copy_text(mark.copy)},
                 {"all", !mark.ids.has_value()},
                 {"reason", mark.reason},
                 {"reference", mark.reference.str()},
                 {"since", mark.since}};
        one["ids"] = mark.ids.value_or(std::vector<std::string>{});
        list.push_back(std::move(one));
    }
    return list.dump(-1, ' ', false, json::error_handler_t::replace);
}

Async<void> RedisDirtyLedger::mark(std::vector<DirtyMark> marks) {
    std::vector<std::string> step = {"mark", marks_text(marks),
                                     std::to_string(session_.options().limits.dirty_ids_max)};
    co_await session_.step(script, std::move(step));
}

Async<std::set<cluster::CopyRef>> RedisDirtyLedger::copies() {
    const auto reply = co_await session_.step(script, "copies");
    std::set<cluster::CopyRef> copies;
    for (const auto& text : reply.texts()) copies.insert(copy_in(text));
    co_return copies;
}

Async<std::optional<DirtyCopy>> RedisDirtyLedger::find(cluster::CopyRef copy) {
    std::vector<std::string> step = {"find", copy_text(copy)};
    const auto reply = co_await session_.step(script, std::move(step));
    const RedisHash hash(reply.at(0));
    if (hash.empty()) co_return std::nullopt;
    DirtyCopy found;
    found.copy = std::move(copy);
    found.all = hash.text("all") == "1";
    found.reference = NodeId(hash.text("reference"));
    found.newest = static_cast<TaskUid>(hash.number("newest"));
    found.revision = static_cast<std::uint64_t>(hash.number("revision"));
    found.ids = reply.at(1).texts();
    std::sort(found.ids.begin(), found.ids.end());
    co_return found;
}

Async<bool> RedisDirtyLedger::clear(cluster::CopyRef copy, std::uint64_t revision) {
    std::vector<std::string> step = {"clear", copy_text(copy), std::to_string(revision)};
    const auto reply = co_await session_.step(script, std::move(step));
    co_return reply.number() == 1;
}

Async<void> RedisDirtyLedger::forget(PhysicalIndexUid index) {
    std::vector<std::string> step = {"forget", index.str()};
    co_await session_.step(script, std::move(step));
}

}  // namespace miroir::stores
