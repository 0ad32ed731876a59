#include <nlohmann/json.hpp>

#include "miroir/meili/error.hpp"
#include "miroir/operations/control_operations.hpp"

namespace miroir::operations {

using coordination::CatalogChange;
using coordination::NameSwap;
using coordination::TaskStatus;
using nlohmann::ordered_json;

namespace {

std::vector<NameSwap> swaps_of(const std::string& body) {
    std::vector<NameSwap> swaps;
    const auto parsed = ordered_json::parse(body);
    for (const auto& one : parsed["swaps"]) {
        swaps.push_back({LogicalIndexUid(one["indexes"][0].get<std::string>()),
                         LogicalIndexUid(one["indexes"][1].get<std::string>()), one["rename"].get<bool>()});
    }
    return swaps;
}

// Why the swaps cannot be done, as the engine says it.
std::optional<ApiError> obstacle(const std::vector<NameSwap>& swaps, const cluster::Snapshot& snapshot) {
    std::set<std::string> missing;
    for (const auto& swap : swaps) {
        if (!snapshot.find(swap.from)) {
            missing.insert(swap.from.str());
        }
        if (!swap.rename && !snapshot.find(swap.to)) {
            missing.insert(swap.to.str());
        }
    }
    if (missing.size() == 1) {
        return meili::index_not_found(*missing.begin());
    }
    if (!missing.empty()) {
        std::string list;
        for (const auto& uid : missing) {
            list += (list.empty() ? "`" : ", `") + uid + "`";
        }
        return meili::error("index_not_found", "Indexes " + list + " not found.");
    }
    for (const auto& swap : swaps) {
        if (swap.rename && snapshot.find(swap.to)) {
            return meili::error("index_already_exists",
                                "Cannot rename `" + swap.from.str() + "` to `" + swap.to.str() +
                                    "` as the index already exists. Hint: You can remove `" + swap.to.str() +
                                    "` first and then do your remove.");
        }
    }
    return std::nullopt;
}

// Which physical index each name stands for: tells after a crash whether the swap was done.
std::string names_of(const std::vector<NameSwap>& swaps, const cluster::Snapshot& snapshot) {
    auto names = ordered_json::object();
    for (const auto& swap : swaps) {
        const auto from = snapshot.find(swap.from);
        names[swap.from.str()] = from ? from->physical.str() : "";
    }
    return names.dump();
}

}  // namespace

Async<ControlEnd> ControlOperations::swap(std::shared_ptr<Running> running) {
    const auto swaps = swaps_of(running->body);
    for (const auto& one : swaps) {
        co_await wait_for_earlier(running, one.from);
        co_await wait_for_earlier(running, one.to);
    }
    co_await snapshots_.refresh();
    ControlEnd end;
    end.details_json = running->body;
    const auto names = names_of(swaps, *snapshots_.current());
    if (!running->state.empty() && running->state != names) {
        co_return end;
    }
    if (auto error = obstacle(swaps, *snapshots_.current())) {
        end.status = TaskStatus::failed;
        end.error_json = meili::to_json(*error);
        co_return end;
    }
    co_await save(running, names);
    auto list = swaps;
    const auto change = co_await store_.catalog().swap(std::move(list), running->uid);
    if (change != CatalogChange::done) {
        end.status = TaskStatus::failed;
        end.error_json =
            meili::to_json(meili::error("internal", "The indexes changed while they were swapped."));
    }
    co_await snapshots_.refresh();
    co_return end;
}

}  // namespace miroir::operations
