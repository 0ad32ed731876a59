#include "write_journal.hpp"

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "dirty_ledger.hpp"
#include "miroir/base/hash.hpp"
#include "miroir/coordination/stored_values.hpp"

namespace miroir::stores {

using coordination::ConflictSet;
using coordination::EntryDraft;
using coordination::EntryOutcome;
using coordination::EntryPlan;
using coordination::JournalHold;
using coordination::list_text;
using coordination::OpenEntry;
using coordination::OpenRefusal;
using coordination::UnfinishedEntry;
using nlohmann::json;

namespace {

constexpr auto script = RedisScript::journal;

OpenRefusal refusal_named(const std::string& name) {
    if (name == "stale_epoch") return OpenRefusal::stale_epoch;
    if (name == "stale_generation") return OpenRefusal::stale_generation;
    if (name == "journal_full") return OpenRefusal::journal_full;
    if (name == "not_live") return OpenRefusal::not_live;
    if (name == "taken_over") return OpenRefusal::taken_over;
    throw std::runtime_error("the coordination store refuses an entry for an unknown reason");
}

const char* flag(bool is_set) {
    return is_set ? "1" : "0";
}

std::string names_text(const std::vector<LogicalIndexUid>& names) {
    std::vector<std::string> texts;
    for (const auto& name : names) texts.push_back(name.str());
    return list_text(texts);
}

UnfinishedEntry entry_of(const RedisHash& hash) {
    UnfinishedEntry entry;
    entry.uid = static_cast<TaskUid>(hash.number("uid"));
    entry.nonce = hash.text("nonce");
    entry.replica = ReplicaId(hash.text("replica"));
    entry.plan.index = LogicalIndexUid(hash.text("logical"));
    entry.plan.physical = PhysicalIndexUid(hash.text("physical"));
    entry.plan.epoch = static_cast<Epoch>(hash.number("epoch"));
    entry.plan.generation = static_cast<Generation>(hash.number("generation"));
    entry.plan.conflicts.whole_index = hash.text("whole") == "1";
    entry.plan.conflicts.shards = coordination::numbers_in(hash.text("shards"));
    entry.plan.targets = coordination::targets_in(hash.text("targets"));
    entry.operation = hash.text("operation");
    entry.operation_body = hash.text("body");
    entry.operation_state = hash.text("state");
    entry.open = hash.text("open") == "1";
    entry.opened_at = {hash.number("opened_at")};
    return entry;
}

std::vector<UnfinishedEntry> entries_of(const RedisReply& reply) {
    std::vector<UnfinishedEntry> entries;
    for (const auto& one : reply.list()) entries.push_back(entry_of(RedisHash(one)));
    return entries;
}

coordination::RepeatedTask repeated_in(const RedisHash& hash, const coordination::TaskClaim& claim) {
    coordination::RepeatedTask task;
    task.uid = static_cast<TaskUid>(hash.number("uid"));
    task.type = hash.text("type");
    task.index_uid = hash.optional_text("index");
    task.custom_metadata = hash.optional_text("metadata");
    task.enqueued_at = {hash.number("enqueued_at")};
    task.same_body = hash.text("body") == claim.body;
    task.accepted = hash.text("accepted") == "1";
    return task;
}

std::string name_of(coordination::ClaimEnd end) {
    switch (end) {
        case coordination::ClaimEnd::accepted:
            return "accepted";
        case coordination::ClaimEnd::withdrawn:
            return "withdrawn";
        case coordination::ClaimEnd::as_it_is:
            break;
    }
    return "as_it_is";
}

std::string outcomes_text(const EntryOutcome& outcome) {
    auto list = json::array();
    for (const auto& target : outcome.targets) {
        json one{{"node", target.node.str()},
                 {"result", coordination::name_of(target.result)},
                 {"node_tasks", list_text(target.node_tasks)},
                 {"error", target.error_json},
                 {"sought", target.sought_tasks}};
        if (target.newest_before) one["newest"] = std::to_string(*target.newest_before);
        list.push_back(std::move(one));
    }
    return list.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace

Async<coordination::Opening> RedisWriteJournal::open(EntryDraft draft) {
    const auto& plan = draft.plan;
    auto nonce = draft.nonce.empty() ? random_hex(8) : draft.nonce;
    std::vector<std::string> step = {"open",
                                     plan.index.str(),
                                     plan.physical.str(),
                                     std::to_string(plan.epoch),
                                     std::to_string(plan.generation),
                                     flag(plan.conflicts.whole_index),
                                     list_text(plan.conflicts.shards),
                                     names_text(plan.conflicts.others),
                                     list_text(plan.targets),
                                     draft.replica.str(),
                                     nonce,
                                     draft.operation,
                                     draft.operation_body,
                                     std::to_string(session_.options().limits.open_entries_max),
                                     draft.task.type,
                                     optional_argument(draft.task.index_uid),
                                     draft.task.details_json,
                                     optional_argument(draft.task.custom_metadata)};
    const auto claim = draft.task.claim.value_or(coordination::TaskClaim{});
    const auto& limits = session_.options().limits;
    step.insert(step.end(),
                {claim.scope, claim.body, std::to_string(std::chrono::microseconds(limits.claim_ttl).count()),
                 std::to_string(limits.claims_max)});
    const auto reply = co_await session_.step(script, std::move(step));
    if (reply.is_text()) co_return refusal_named(reply.text());
    if (reply.at(0).text() == "repeated") co_return repeated_in(RedisHash(reply.at(1)), claim);
    const auto uid = static_cast<TaskUid>(reply.at(0).number());
    co_return make(uid, std::move(nonce), reply.at(2).numbers(), {reply.at(1).number()});
}

Async<std::optional<JournalHold>> RedisWriteJournal::hold(LogicalIndexUid index, ConflictSet conflicts,
                                                          ReplicaId replica, std::string nonce) {
    std::vector<std::string> step = {"hold",
                                     index.str(),
                                     flag(conflicts.whole_index),
                                     list_text(conflicts.shards),
                                     names_text(conflicts.others),
                                     replica.str(),
                                     std::move(nonce)};
    const auto reply = co_await session_.step(script, std::move(step));
    if (reply.is_nothing()) co_return std::nullopt;
    co_return JournalHold{static_cast<TaskUid>(reply.at(0).number()), reply.at(1).numbers()};
}

Async<std::optional<OpenRefusal>> RedisWriteJournal::replan(TaskUid uid, ReplicaId by, EntryPlan plan) {
    std::vector<std::string> step = {"replan",
                                     std::to_string(uid),
                                     by.str(),
                                     plan.index.str(),
                                     plan.physical.str(),
                                     std::to_string(plan.epoch),
                                     std::to_string(plan.generation),
                                     flag(plan.conflicts.whole_index),
                                     list_text(plan.conflicts.shards),
                                     list_text(plan.targets)};
    const auto reply = co_await session_.step(script, std::move(step));
    if (reply.text() == "done") co_return std::nullopt;
    co_return refusal_named(reply.text());
}

Async<std::vector<TaskUid>> RedisWriteJournal::open_before(TaskUid uid) {
    std::vector<std::string> step = {"open_before", std::to_string(uid)};
    const auto reply = co_await session_.step(script, std::move(step));
    co_return reply.numbers();
}

Async<std::vector<TaskUid>> RedisWriteJournal::still_open(std::vector<TaskUid> uids) {
    std::vector<std::string> step = {"still_open", list_text(uids)};
    const auto reply = co_await session_.step(script, std::move(step));
    co_return reply.numbers();
}

Async<std::uint64_t> RedisWriteJournal::count_open() {
    const auto reply = co_await session_.step(script, "count_open");
    co_return static_cast<std::uint64_t>(reply.number());
}

Async<bool> RedisWriteJournal::close(TaskUid uid, ReplicaId by, EntryOutcome outcome) {
    std::vector<std::string> step = {"close",
                                     std::to_string(uid),
                                     by.str(),
                                     outcomes_text(outcome),
                                     marks_text(outcome.dirty),
                                     std::to_string(session_.options().limits.dirty_ids_max),
                                     name_of(outcome.claim)};
    const auto reply = co_await session_.step(script, std::move(step));
    co_return reply.number() == 1;
}

Async<bool> RedisWriteJournal::belongs_to(TaskUid uid, ReplicaId by) {
    std::vector<std::string> step = {"belongs_to", std::to_string(uid), by.str()};
    const auto reply = co_await session_.step(script, std::move(step));
    co_return reply.number() == 1;
}

Async<std::set<LogicalIndexUid>> RedisWriteJournal::frozen() {
    const auto reply = co_await session_.step(script, "frozen");
    std::set<LogicalIndexUid> indexes;
    for (auto& name : reply.texts()) indexes.emplace(std::move(name));
    co_return indexes;
}

Async<bool> RedisWriteJournal::save_operation(TaskUid uid, ReplicaId by, std::string state) {
    std::vector<std::string> step = {"save_operation", std::to_string(uid), by.str(), std::move(state),
                                     coordination::frozen_state};
    const auto reply = co_await session_.step(script, std::move(step));
    co_return reply.number() == 1;
}

Async<bool> RedisWriteJournal::complete_operation(TaskUid uid, ReplicaId by) {
    std::vector<std::string> step = {"complete_operation", std::to_string(uid), by.str()};
    const auto reply = co_await session_.step(script, std::move(step));
    co_return reply.number() == 1;
}

Async<std::vector<TaskUid>> RedisWriteJournal::operations_before(TaskUid uid, LogicalIndexUid index) {
    std::vector<std::string> step = {"operations_before", std::to_string(uid), index.str()};
    const auto reply = co_await session_.step(script, std::move(step));
    co_return reply.numbers();
}

Async<std::vector<UnfinishedEntry>> RedisWriteJournal::unfinished() {
    const auto reply = co_await session_.step(script, "unfinished");
    co_return entries_of(reply);
}

Async<std::vector<UnfinishedEntry>> RedisWriteJournal::abandoned() {
    const auto reply = co_await session_.step(script, "abandoned");
    co_return entries_of(reply);
}

Async<std::optional<UnfinishedEntry>> RedisWriteJournal::take_over(TaskUid uid, ReplicaId from,
                                                                   ReplicaId to) {
    std::vector<std::string> step = {"take_over", std::to_string(uid), from.str(), to.str()};
    const auto reply = co_await session_.step(script, std::move(step));
    const RedisHash hash(reply);
    if (hash.empty()) co_return std::nullopt;
    co_return entry_of(hash);
}

}  // namespace miroir::stores
