#include <algorithm>
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

namespace {

ControlEnd failed(std::string error_json) {
    ControlEnd end;
    end.status = TaskStatus::failed;
    end.error_json = std::move(error_json);
    return end;
}

// What the node's answer says to a client; empty when it is not a whole settings object.
std::optional<std::string> as_client_settings(const std::string& answer, const std::string& proposed) {
    const auto parsed = ordered_json::parse(answer, nullptr, false);
    const bool whole = parsed.is_object() && parsed.contains("rankingRules") &&
                       parsed["rankingRules"].is_array() && parsed.contains("typoTolerance") &&
                       parsed["typoTolerance"].is_object();
    return whole ? std::optional(meili::client_settings_json(answer, proposed)) : std::nullopt;
}

}  // namespace

Async<ControlEnd> ControlOperations::change_settings(std::shared_ptr<Running> running) {
    const auto body = ordered_json::parse(running->body);
    auto parsed = meili::parse_settings(body["change"].dump());
    if (!parsed) {
        co_return failed(meili::to_json(parsed.error()));
    }
    auto change = std::make_shared<const meili::Settings>(std::move(parsed.value()));
    const bool may_create = body.value("mayCreate", false);
    const auto index = snapshots_.current()->find(running->index);
    const bool frozen =
        running->state == frozen_state || (index && snapshots_.current()->is_divergent(index->physical));
    SettingsRounds rounds(options_.repair_retries_max, options_.repair_pause_min, frozen);
    const auto details = meili::task_details_json(*change);
    std::optional<ControlEnd> refusal;
    for (;;) {
        auto round = co_await settings_round(running, change, may_create);
        if (round.end && round.end->status == TaskStatus::failed && !refusal &&
            snapshots_.current()->is_divergent(round.index)) {
            // The index thaws when the nodes have the settings that are committed.
            refusal = std::move(round.end);
            change = std::make_shared<const meili::Settings>();
            continue;
        }
        if (round.end) {
            show_phase(round.index, std::nullopt);
            auto end = refusal ? std::move(*refusal) : std::move(*round.end);
            end.details_json = details;
            co_return end;
        }
        const auto next = round.divergent ? rounds.divergent() : rounds.unreachable();
        if (next.frozen && !snapshots_.current()->is_divergent(round.index)) {
            co_await freeze(running, round.index);
        }
        const bool replaced = next.frozen && co_await give_way(running);
        if (replaced) {
            auto end = failed(meili::to_json(
                meili::error("miroir_settings_divergent",
                             "Nodes kept reporting other settings; a later change replaces this.")));
            end.details_json = details;
            co_return end;
        }
        co_await wait_for_round(running, next);
        co_await snapshots_.refresh();
    }
}

// Shorter than its pause when a frozen change is to be replaced.
Async<void> ControlOperations::wait_for_round(std::shared_ptr<Running> running, SettingsRounds::Next next) {
    const auto deadline = Deadline::in(next.pause);
    while (!deadline.passed()) {
        if (next.frozen && queue_.successor(running->index, running->uid)) {
            co_return;
        }
        co_await moved_.wait(deadline.left());
    }
}

// A frozen change ends when a later change or the deletion of the index waits behind it. The index stays
// frozen: a change that takes over begins frozen, also in a process that starts later.
Async<bool> ControlOperations::give_way(std::shared_ptr<Running> running) {
    const auto successor = queue_.successor(running->index, running->uid);
    if (successor && successor->changes_settings) {
        auto self = peers_.self();
        co_await store_.journal().save_operation(successor->uid, std::move(self), frozen_state);
    }
    co_return successor.has_value();
}

// From here on document writes to the index are refused, also by a process that starts later, until a round
// has verified that all nodes say the same.
Async<void> ControlOperations::freeze(std::shared_ptr<Running> running, PhysicalIndexUid index) {
    log_.error("nodes keep saying other settings than were proposed: writes to the index are refused",
               {{"index", running->index.str()}});
    show_phase(index, cluster::SettingsPhase::divergent);
    co_await save(running, frozen_state);
}

void ControlOperations::show_phase(PhysicalIndexUid index, std::optional<cluster::SettingsPhase> phase) {
    if (!phase && snapshots_.current()->is_divergent(index)) {
        log_.info("nodes agree about the settings of an index again: writes go on", {});
    }
    snapshots_.set_settings_phase(std::move(index), phase);
    const auto& unsettled = snapshots_.current()->unsettled;
    const auto divergent = std::count_if(unsettled.begin(), unsettled.end(), [](const auto& one) {
        return one.second == cluster::SettingsPhase::divergent;
    });
    frozen_.set(static_cast<double>(divergent));
}

Async<ControlOperations::SettingsRound> ControlOperations::settings_round(
    std::shared_ptr<Running> running, std::shared_ptr<const meili::Settings> change, bool may_create) {
    SettingsRound round;
    auto entry = snapshots_.current()->find(running->index);
    if (!entry && may_create) {
        const PhysicalIndexUid fresh;
        entry = co_await create_index(running->index, std::nullopt, 0, fresh);
    }
    if (!entry) {
        round.end = failed(meili::to_json(meili::index_not_found(running->index.str())));
        co_return round;
    }
    round.index = entry->physical;
    auto proposed = meili::apply(entry->settings_json, *change);
    const auto possible = meili::check_applied(proposed);
    if (!possible) {
        round.end = failed(meili::to_json(possible.error()));
        co_return round;
    }
    if (proposed == entry->settings_json && !snapshots_.current()->is_divergent(round.index)) {
        coordination::EntryOutcome nothing;
        co_await close(running, std::move(nothing));
        co_await upkeep_.settled(entry->physical);
        round.end = ControlEnd{};
        co_return round;
    }
    if (!snapshots_.current()->is_divergent(round.index)) {
        show_phase(round.index, cluster::SettingsPhase::changing);
    }
    auto proposal = std::make_shared<Proposal>();
    proposal->entry = *entry;
    proposal->settings_json = std::move(proposed);
    round = co_await propose(running, proposal);
    co_return round;
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
    const auto sent = co_await calls_.send(node, std::move(call));
    place->leave();
    result.sent = sent.kind == Kind::succeeded;
    result.task = sent.task;
    result.error_json = sent.error_json;
    co_return result;
}

// Sends the change to every reachable node, in parallel or one after another, waits for the node tasks, and
// commits when all that can be reached have it. A node's refusal puts the old settings back.
Async<ControlOperations::SettingsRound> ControlOperations::propose(std::shared_ptr<Running> running,
                                                                   std::shared_ptr<Proposal> proposal) {
    meili::NodeSettingsOptions options;
    options.previous = proposal->entry.settings_json;
    proposal->node_body = meili::node_settings_json(proposal->settings_json, options);
    const auto all = nodes_of(proposal->entry);
    std::vector<std::vector<NodeId>> turns;
    for (const auto& node : all) {
        if (turns.empty() || options_.one_by_one) {
            turns.emplace_back();
        }
        turns.back().push_back(node);
    }
    for (auto& nodes : turns) {
        if (proposal->refusal.empty()) {
            co_await send_proposal(running, proposal, std::move(nodes));
        }
    }
    if (!proposal->refusal.empty()) {
        co_await restore(proposal->entry, proposal->settings_json, proposal->touched);
        SettingsRound refused;
        refused.index = proposal->entry.physical;
        refused.end = failed(rewrite_error_(proposal->entry, proposal->refusal));
        co_return refused;
    }
    auto round = co_await verify_and_commit(running, proposal);
    co_return round;
}

// The journal entry is closed once the first nodes have the change in their queues: writes after it go on.
Async<void> ControlOperations::send_proposal(std::shared_ptr<Running> running,
                                             std::shared_ptr<Proposal> proposal, std::vector<NodeId> nodes) {
    coordination::ConflictSet whole;
    whole.whole_index = true;
    std::vector<Async<SentSettings>> calls;
    for (const auto& node : nodes) {
        if (nodes_.usable(node)) {
            auto place =
                std::make_shared<writes::Lanes::Place>(lanes_.enter(proposal->entry.physical, node, whole));
            calls.push_back(send_settings(proposal->entry, node, proposal->node_body, std::move(place)));
        }
    }
    const auto sent = co_await runtime::gather(std::move(calls));
    coordination::EntryOutcome nothing;
    co_await close(running, std::move(nothing));

    std::vector<Async<NodeTaskResult>> waits;
    std::vector<NodeId> waited;
    for (const auto& one : sent) {
        if (!one.error_json.empty()) {
            proposal->refusal = one.error_json;
            continue;
        }
        proposal->touched.insert(one.node);
        if (one.sent) {
            waits.push_back(calls_.wait(one.node, one.task));
            waited.push_back(one.node);
        }
    }
    const auto results = co_await runtime::gather(std::move(waits));
    for (std::size_t i = 0; i < results.size(); ++i) {
        if (results[i].kind == Kind::succeeded) {
            proposal->applied.insert(waited[i]);
        } else if (results[i].kind == Kind::failed) {
            proposal->refusal = results[i].error_json;
            proposal->touched.erase(waited[i]);
        }
    }
}

// A node that has gone out of service meanwhile is left out: it stays behind and is not read.
Async<std::vector<SettingsReading>> ControlOperations::read_back(std::shared_ptr<Proposal> proposal) {
    std::vector<SettingsReading> readings;
    for (const auto& node : proposal->applied) {
        NodeCall look;
        look.method = http::Method::get;
        look.target = "/indexes/" + proposal->entry.physical.str() + "/settings";
        const auto answer = co_await calls_.read(node, std::move(look));
        if (answer) {
            readings.push_back({node, as_client_settings(*answer, proposal->settings_json)});
        } else if (nodes_.usable(node)) {
            readings.push_back({node, std::nullopt});
        }
    }
    co_return readings;
}

Async<ControlOperations::SettingsRound> ControlOperations::verify_and_commit(
    std::shared_ptr<Running> running, std::shared_ptr<Proposal> proposal) {
    SettingsRound round;
    const auto& entry = proposal->entry;
    round.index = entry.physical;
    const auto readings = co_await read_back(proposal);
    const auto others = divergent_nodes(proposal->settings_json, readings);
    if (!others.empty()) {
        round.divergent = true;
        divergent_.add();
        log_.error("a node says other settings than were proposed", {{"node", others.front().str()}});
    }
    if (!others.empty() || readings.empty()) {
        co_return round;
    }
    auto committed = proposal->settings_json;
    const auto change =
        co_await store_.catalog().set_settings(running->index, entry.generation, std::move(committed));
    if (change != coordination::CatalogChange::done) {
        co_return round;
    }
    const auto now = co_await store_.catalog().find(running->index);
    std::vector<coordination::AppliedSettings> versions;
    for (const auto& reading : readings) {
        versions.push_back({entry.physical, reading.node, now->settings_version});
    }
    co_await store_.settings_versions().record(std::move(versions));
    co_await snapshots_.refresh();
    round.end = ControlEnd{};
    co_return round;
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
        const auto result = co_await calls_.send_and_wait(node, std::move(call));
        if (result.kind != Kind::succeeded) {
            co_await store_.settings_versions().forget(entry.physical, node);
        }
    }
    co_await snapshots_.refresh();
}

}  // namespace miroir::operations
