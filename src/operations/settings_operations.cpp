#include <nlohmann/json.hpp>

#include "miroir/base/hash.hpp"
#include "miroir/meili/error.hpp"
#include "miroir/meili/settings.hpp"
#include "miroir/operations/control_operations.hpp"
#include "miroir/operations/node_calls.hpp"
#include "miroir/runtime/gather.hpp"

namespace miroir::operations {

using coordination::TaskStatus;
using nlohmann::ordered_json;
using Kind = NodeTaskResult::Kind;

Async<ControlEnd> ControlOperations::change_settings(std::shared_ptr<Running> running) {
    const auto body = ordered_json::parse(running->body);
    ControlEnd end;
    const auto change = meili::parse_settings(body["change"].dump());
    if (!change) {
        end.status = TaskStatus::failed;
        end.error_json = meili::to_json(change.error());
        co_return end;
    }
    end.details_json = meili::task_details_json(change.value());
    auto entry = snapshots_.current()->find(running->index);
    if (!entry && body.value("mayCreate", false)) {
        const PhysicalIndexUid fresh;
        entry = co_await create_index(running->index, std::nullopt, 0, fresh);
    }
    if (!entry) {
        end.status = TaskStatus::failed;
        end.error_json = meili::to_json(meili::index_not_found(running->index.str()));
        co_return end;
    }
    const auto proposed = meili::apply(entry->settings_json, change.value());
    const auto possible = meili::check_applied(proposed);
    if (!possible) {
        end.status = TaskStatus::failed;
        end.error_json = meili::to_json(possible.error());
        co_return end;
    }
    if (proposed == entry->settings_json) {
        coordination::EntryOutcome nothing;
        co_await close(running, std::move(nothing));
        co_await upkeep_.settled(entry->physical);
        co_return end;
    }
    auto details = end.details_json;
    end = co_await propose(running, *entry, proposed);
    end.details_json = std::move(details);
    co_return end;
}

Async<ControlOperations::SentSettings> ControlOperations::send_settings(
    cluster::IndexEntry entry, NodeId node, std::string body, std::shared_ptr<writes::Lanes::Place> place) {
    SentSettings result;
    result.node = node;
    co_await place->turn();
    NodeCall call;
    call.method = http::Method::patch;
    call.target = "/indexes/" + entry.physical.str() + "/settings";
    call.body = std::move(body);
    const auto sent = co_await send_call(nodes_, node, std::move(call));
    place->leave();
    result.sent = sent.kind == Kind::succeeded;
    result.task = sent.task;
    result.error_json = sent.error_json;
    co_return result;
}

// Sends the change to every reachable node in parallel, waits for the node tasks, and commits when all that
// can be reached have it. A node's refusal puts the old settings back.
Async<ControlEnd> ControlOperations::propose(std::shared_ptr<Running> running, cluster::IndexEntry entry,
                                             std::string proposed) {
    coordination::ConflictSet whole;
    whole.whole_index = true;
    meili::NodeSettingsOptions options;
    options.previous = entry.settings_json;
    const auto body = meili::node_settings_json(proposed, options);
    std::vector<Async<SentSettings>> calls;
    for (const auto& node : nodes_of(entry)) {
        if (nodes_.usable(node)) {
            auto place = std::make_shared<writes::Lanes::Place>(lanes_.enter(entry.physical, node, whole));
            calls.push_back(send_settings(entry, node, body, std::move(place)));
        }
    }
    auto sent = co_await runtime::gather(std::move(calls));
    coordination::EntryOutcome nothing;
    co_await close(running, std::move(nothing));

    std::vector<Async<NodeTaskResult>> waits;
    std::vector<NodeId> waited;
    std::string refusal;
    for (const auto& one : sent) {
        if (one.sent) {
            waits.push_back(wait_for_node_task(nodes_, one.node, one.task));
            waited.push_back(one.node);
        } else if (!one.error_json.empty()) {
            refusal = one.error_json;
        }
    }
    const auto results = co_await runtime::gather(std::move(waits));
    std::set<NodeId> applied;
    std::set<NodeId> touched;
    for (const auto& one : sent) {
        if (one.error_json.empty()) {
            touched.insert(one.node);
        }
    }
    for (std::size_t i = 0; i < results.size(); ++i) {
        if (results[i].kind == Kind::succeeded) {
            applied.insert(waited[i]);
        } else if (results[i].kind == Kind::failed) {
            refusal = results[i].error_json;
            touched.erase(waited[i]);
        }
    }
    if (!refusal.empty()) {
        co_await restore(entry, proposed, touched);
        ControlEnd refused;
        refused.status = TaskStatus::failed;
        refused.error_json = rewrite_error_(entry, refusal);
        co_return refused;
    }
    auto end = co_await verify_and_commit(running, std::move(entry), std::move(proposed), std::move(applied));
    if (end) {
        co_return *end;
    }
    // No node could be reached, or they disagree: begin again after a pause.
    co_await runtime::sleep_for(std::chrono::milliseconds(500));
    auto retried = co_await perform(running);
    co_return retried;
}

Async<std::optional<ControlEnd>> ControlOperations::verify_and_commit(std::shared_ptr<Running> running,
                                                                      cluster::IndexEntry entry,
                                                                      std::string proposed,
                                                                      std::set<NodeId> applied) {
    std::optional<std::string> canonical;
    for (const auto& node : applied) {
        NodeCall look;
        look.method = http::Method::get;
        look.target = "/indexes/" + entry.physical.str() + "/settings";
        const auto body = co_await read_json(nodes_, node, std::move(look));
        if (!body) {
            co_return std::nullopt;
        }
        auto read = meili::client_settings_json(*body, proposed);
        if (canonical && sha256_hex(*canonical) != sha256_hex(read)) {
            divergent_.add();
            log_.error("nodes read back different settings", {{"node", node.str()}});
            co_return std::nullopt;
        }
        canonical = std::move(read);
    }
    if (!canonical) {
        co_return std::nullopt;
    }
    const auto change = co_await store_.catalog().set_settings(running->index, entry.generation, *canonical);
    if (change != coordination::CatalogChange::done) {
        co_return std::nullopt;
    }
    const auto committed = co_await store_.catalog().find(running->index);
    std::vector<coordination::AppliedSettings> versions;
    for (const auto& node : applied) {
        versions.push_back({entry.physical, node, committed->settings_version});
    }
    co_await store_.settings_versions().record(std::move(versions));
    co_await snapshots_.refresh();
    co_return ControlEnd{};
}

// Puts the committed settings back on nodes that have or may have taken a refused change; where that fails,
// upkeep does it later.
Async<void> ControlOperations::restore(cluster::IndexEntry entry, std::string refused,
                                       std::set<NodeId> nodes) {
    meili::NodeSettingsOptions options;
    options.previous = refused;
    const auto previous = meili::node_settings_json(entry.settings_json, options);
    for (const auto& node : nodes) {
        NodeCall call;
        call.method = http::Method::patch;
        call.target = "/indexes/" + entry.physical.str() + "/settings";
        call.body = previous;
        const auto result = co_await call_and_wait(nodes_, node, std::move(call));
        if (result.kind != Kind::succeeded) {
            co_await store_.settings_versions().forget(entry.physical, node);
        }
    }
    co_await snapshots_.refresh();
}

}  // namespace miroir::operations
