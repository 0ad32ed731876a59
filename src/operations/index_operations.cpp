#include <nlohmann/json.hpp>

#include "miroir/base/hash.hpp"
#include "miroir/cluster/cover.hpp"
#include "miroir/meili/byte_size.hpp"
#include "miroir/meili/error.hpp"
#include "miroir/meili/markers.hpp"
#include "miroir/meili/settings.hpp"
#include "miroir/operations/control_operations.hpp"
#include "miroir/operations/node_calls.hpp"
#include "miroir/runtime/gather.hpp"

namespace miroir::operations {

using coordination::CatalogChange;
using coordination::TaskStatus;
using nlohmann::ordered_json;
using Kind = NodeTaskResult::Kind;

namespace {

ControlEnd failure(const ApiError& error, std::string details_json) {
    ControlEnd end;
    end.status = TaskStatus::failed;
    end.error_json = meili::to_json(error);
    end.details_json = std::move(details_json);
    return end;
}

ApiError already_exists(const std::string& uid) {
    return meili::error("index_already_exists", "Index `" + uid + "` already exists.");
}

std::optional<std::string> text_of(const ordered_json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? std::optional(found->get<std::string>())
                                                       : std::nullopt;
}

ordered_json text_or_null(const std::optional<std::string>& text) {
    return text ? ordered_json(*text) : ordered_json(nullptr);
}

}  // namespace

Async<std::shared_ptr<const cluster::IndexEntry>> ControlOperations::create_index(
    LogicalIndexUid uid, std::optional<std::string> primary_key, std::uint32_t shards,
    PhysicalIndexUid physical) {
    cluster::IndexEntry entry;
    entry.logical = uid;
    entry.physical = physical.empty() ? PhysicalIndexUid("mir" + random_hex(12)) : std::move(physical);
    entry.primary_key = std::move(primary_key);
    entry.shards = shards != 0
                       ? shards
                       : cluster::shards_of_new(uid.str(), options_.index_defaults, options_.shards_default);
    entry.placement = cluster::place(snapshots_.current()->topology, entry.shards);
    entry.settings_json = meili::default_settings_json();
    entry.settings_version = 1;
    const auto created = co_await store_.catalog().create(std::move(entry));
    co_await snapshots_.refresh();
    auto known = snapshots_.current()->find(uid);
    if (created && known) {
        upkeep_.create_on_nodes(known);
    }
    co_return known;
}

Async<ControlEnd> ControlOperations::create(std::shared_ptr<Running> running) {
    const auto body = ordered_json::parse(running->body);
    const auto primary_key = text_of(body, "primaryKey");
    const auto details = ordered_json{{"primaryKey", text_or_null(primary_key)}}.dump();
    if (running->state.empty()) {
        co_await save(running, "mir" + random_hex(12));
    }
    // After a crash the entry may be there already: it is ours when it has the physical uid that was saved.
    const PhysicalIndexUid mine(running->state);
    const auto shards = body.value("shards", 0U);
    auto entry = snapshots_.current()->find(running->index);
    if (!entry) {
        entry = co_await create_index(running->index, primary_key, shards, mine);
    }
    if (!entry || entry->physical != mine) {
        co_return failure(already_exists(running->index.str()), details);
    }
    coordination::EntryOutcome nothing;
    co_await close(running, std::move(nothing));
    co_await upkeep_.settled(mine);
    ControlEnd end;
    end.details_json = details;
    co_return end;
}

Async<ControlEnd> ControlOperations::update(std::shared_ptr<Running> running) {
    const auto body = ordered_json::parse(running->body);
    const auto primary_key = text_of(body, "primaryKey");
    const auto new_uid = text_of(body, "uid");
    auto details = ordered_json{{"primaryKey", text_or_null(primary_key)}};
    if (new_uid) {
        details["oldIndexUid"] = running->index.str();
        details["newIndexUid"] = *new_uid;
    }
    ControlEnd end;
    const auto entry = snapshots_.current()->find(running->index);
    if (!entry) {
        const bool renamed = !running->state.empty() && new_uid;
        if (renamed) {
            co_await store_.tasks().rename_index(running->index.str(), *new_uid, running->uid + 1);
        }
        end = renamed ? ControlEnd{} : failure(meili::index_not_found(running->index.str()), "");
        end.details_json = details.dump();
        co_return end;
    }
    if (primary_key) {
        end = co_await change_primary_key(running, *entry, *primary_key);
    }
    if (end.status == TaskStatus::succeeded && new_uid) {
        const auto current = snapshots_.current()->find(running->index);
        end = co_await rename(running, *current, *new_uid);
    }
    if (end.status == TaskStatus::succeeded && !primary_key && !new_uid) {
        co_await store_.catalog().touch(running->index);
        co_await snapshots_.refresh();
    }
    end.details_json = details.dump();
    co_return end;
}

Async<ControlEnd> ControlOperations::change_primary_key(std::shared_ptr<Running> running,
                                                        cluster::IndexEntry entry, std::string key) {
    ControlEnd end;
    const auto documents = co_await document_count(entry);
    if (documents > 0 && entry.primary_key && *entry.primary_key != key) {
        co_return failure(
            meili::error("index_primary_key_already_exists", "Index `" + running->index.str() +
                                                                 "`: Index already has a primary key: `" +
                                                                 *entry.primary_key + "`."),
            "");
    }
    for (const auto& node : nodes_of(entry)) {
        NodeCall call;
        call.method = http::Method::patch;
        call.target = "/indexes/" + entry.physical.str();
        call.body = ordered_json{{"primaryKey", key}}.dump();
        co_await calls_.send_and_wait(node, std::move(call));
    }
    co_await store_.catalog().change_primary_key(running->index, entry.generation, key);
    co_await snapshots_.refresh();
    co_return end;
}

Async<ControlEnd> ControlOperations::rename(std::shared_ptr<Running> running, cluster::IndexEntry entry,
                                            std::string to) {
    co_await save(running, "renaming");
    const LogicalIndexUid target(to);
    const auto change = co_await store_.catalog().rename(running->index, entry.generation, target);
    if (change == CatalogChange::name_taken) {
        co_return failure(already_exists(to), "");
    }
    co_await store_.tasks().rename_index(running->index.str(), to, running->uid + 1);
    co_await snapshots_.refresh();
    co_return ControlEnd{};
}

Async<ControlEnd> ControlOperations::remove(std::shared_ptr<Running> running) {
    // The saved state is the physical uid and the count: after a crash the catalog entry may be gone already.
    if (running->state.empty()) {
        const auto entry = snapshots_.current()->find(running->index);
        if (!entry) {
            co_return failure(meili::index_not_found(running->index.str()),
                              ordered_json{{"deletedDocuments", 0}}.dump());
        }
        const auto documents = co_await document_count(*entry);
        ordered_json nodes = ordered_json::array();
        for (const auto& node : nodes_of(*entry)) {
            nodes.push_back(node.str());
        }
        ordered_json state{{"physical", entry->physical.str()}, {"documents", documents}, {"nodes", nodes}};
        co_await save(running, state.dump());
    }
    const auto state = ordered_json::parse(running->state);
    const PhysicalIndexUid physical(state["physical"].get<std::string>());
    const auto entry = snapshots_.current()->find(running->index);
    if (entry && entry->physical == physical) {
        co_await store_.catalog().remove(running->index, entry->generation);
        co_await snapshots_.refresh();
    }
    coordination::EntryOutcome nothing;
    co_await close(running, std::move(nothing));
    for (const auto& node : state["nodes"]) {
        const NodeId id(node.get<std::string>());
        NodeCall call;
        call.method = http::Method::del;
        call.target = "/indexes/" + physical.str();
        co_await calls_.send_and_wait(id, std::move(call));
    }
    co_await store_.ledger().forget(physical);
    co_await store_.settings_versions().forget_index(physical);
    co_await snapshots_.refresh();
    show_phase(physical, std::nullopt);
    ControlEnd end;
    end.details_json = ordered_json{{"deletedDocuments", state["documents"]}}.dump();
    co_return end;
}

// Node by node: each needs the disk for a copy.
Async<ControlEnd> ControlOperations::compact(std::shared_ptr<Running> running) {
    const auto entry = snapshots_.current()->find(running->index);
    if (!entry) {
        co_return failure(meili::index_not_found(running->index.str()), "");
    }
    coordination::EntryOutcome nothing;
    co_await close(running, std::move(nothing));
    std::uint64_t before = 0;
    std::uint64_t after = 0;
    std::string refusal;
    for (const auto& node : nodes_of(*entry)) {
        NodeCall call;
        call.target = "/indexes/" + entry->physical.str() + "/compact";
        const auto result = co_await calls_.send_and_wait(node, std::move(call));
        const auto details = ordered_json::parse(result.details_json, nullptr, false);
        if (details.is_object()) {
            before += meili::size_from_human(details.value("preCompactionSize", ""));
            after += meili::size_from_human(details.value("postCompactionSize", ""));
        }
        refusal = result.kind == Kind::failed ? result.error_json : refusal;
    }
    ControlEnd end;
    end.details_json = ordered_json{{"preCompactionSize", meili::human_size(before)},
                                    {"postCompactionSize", meili::human_size(after)}}
                           .dump();
    if (!refusal.empty()) {
        end.status = TaskStatus::failed;
        end.error_json = rewrite_error_(*entry, refusal);
    }
    co_return end;
}

// Once per document: each shard is counted on one clean copy, after the queues have been worked off.
Async<std::uint64_t> ControlOperations::document_count(cluster::IndexEntry entry) {
    std::uint64_t total = 0;
    cluster::CoverRequest all;
    const auto snapshot = snapshots_.current();
    const auto cover = cluster::choose_cover(*snapshot, entry, all,
                                             [this](const NodeId& node) { return nodes_.usable(node); });
    for (const auto& [node, shards] : cover.shards_by_node) {
        co_await calls_.wait_for_queue(node, entry.physical);
        NodeCall call;
        call.target = "/indexes/" + entry.physical.str() + "/documents/fetch";
        call.body = ordered_json{{"limit", 0}, {"filter", meili::shard_filter_clause(shards)}}.dump();
        const auto page = co_await calls_.read(node, std::move(call));
        if (page) {
            total += ordered_json::parse(*page).value("total", std::uint64_t{0});
        }
    }
    co_return total;
}

}  // namespace miroir::operations
