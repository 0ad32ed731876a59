#include "miroir/api/system_handler.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>

#include "miroir/cluster/cover.hpp"

namespace miroir::api {

using nlohmann::ordered_json;

SystemHandler::SystemHandler(const membership::SnapshotKeeper& snapshots, const membership::FleetWatch& fleet,
                             const nodes::NodeClient& nodes)
    : snapshots_(snapshots), fleet_(fleet), nodes_(nodes) {}

Async<http::Response> SystemHandler::root(http::Request) {
    co_return http::json_response("{\"status\":\"Meilisearch is running\"}");
}

Async<http::Response> SystemHandler::health(http::Request) {
    co_return http::json_response("{\"status\":\"available\"}");
}

namespace {

// "1.50.0" < "1.51.2"; unknown versions are not compared.
bool older(const std::string& left, const std::string& right) {
    std::array<int, 3> a{};
    std::array<int, 3> b{};
    std::sscanf(left.c_str(), "%d.%d.%d", &a[0], &a[1], &a[2]);
    std::sscanf(right.c_str(), "%d.%d.%d", &b[0], &b[1], &b[2]);
    return a < b;
}

}  // namespace

Async<Result<http::Response>> SystemHandler::version(http::Request, auth::Grant) {
    std::string lowest;
    for (const auto& node : snapshots_.current()->topology.nodes) {
        const auto version = fleet_.status(node.id).version;
        if (!version.empty() && (lowest.empty() || older(version, lowest))) {
            lowest = version;
        }
    }
    const ordered_json body{{"commitSha", "unknown"},
                            {"commitDate", "unknown"},
                            {"pkgVersion", lowest.empty() ? "1.50.0" : lowest}};
    co_return http::json_response(body.dump());
}

bool SystemHandler::is_ready() const {
    const auto snapshot = snapshots_.current();
    if (draining_ || snapshot->topology.nodes.empty() || !fleet_.settled()) {
        return false;
    }
    const auto usable = [this](const NodeId& node) { return nodes_.usable(node); };
    const cluster::CoverRequest all;
    return std::all_of(snapshot->indexes.begin(), snapshot->indexes.end(),
                       [&](const auto& one) {
                           return cluster::choose_cover(*snapshot, *one.second, all, usable).missing.empty();
                       }) &&
           std::any_of(snapshot->topology.nodes.begin(), snapshot->topology.nodes.end(),
                       [&](const auto& node) { return usable(node.id); });
}

Async<http::Response> SystemHandler::ready(http::Request) {
    if (is_ready()) {
        co_return http::json_response("{\"status\":\"ready\"}");
    }
    auto response = http::json_response("{\"status\":\"not ready\"}", 503);
    response.headers.emplace_back("retry-after", "1");
    co_return response;
}

Async<Result<http::Response>> SystemHandler::topology(http::Request, auth::Grant) {
    const auto snapshot = snapshots_.current();
    std::map<NodeId, std::uint64_t> dirty;
    for (const auto& copy : snapshot->dirty) {
        ++dirty[copy.node];
    }
    std::map<NodeId, std::uint64_t> stale;
    for (const auto& [index, node] : snapshot->stale_settings) {
        ++stale[node];
    }
    auto nodes = ordered_json::array();
    for (const auto& node : snapshot->topology.nodes) {
        const auto status = fleet_.status(node.id);
        nodes.push_back(ordered_json{{"id", node.id.str()},
                                     {"url", node.url},
                                     {"group", node.group},
                                     {"state", cluster::name_of(node.state)},
                                     {"health", membership::name_of(status.health)},
                                     {"up", nodes_.usable(node.id)},
                                     {"version", status.version},
                                     {"dirtyCopies", dirty[node.id]},
                                     {"staleIndexes", stale[node.id]}});
    }
    auto groups = ordered_json::array();
    for (const auto& group : snapshot->topology.groups) {
        groups.push_back(ordered_json{{"id", group.id}, {"state", cluster::name_of(group.state)}});
    }
    const ordered_json body{{"epoch", snapshot->topology.epoch},
                            {"replicationFactor", snapshot->topology.replication_factor},
                            {"groups", std::move(groups)},
                            {"nodes", std::move(nodes)}};
    co_return http::json_response(body.dump());
}

Async<Result<http::Response>> SystemHandler::shards(http::Request, auth::Grant) {
    const auto snapshot = snapshots_.current();
    auto indexes = ordered_json::object();
    for (const auto& [uid, index] : snapshot->indexes) {
        auto shards = ordered_json::array();
        for (ShardId shard = 0; shard < index->placement.shards.size(); ++shard) {
            auto copies = ordered_json::array();
            for (const auto& copy : index->placement.shards[shard]) {
                static constexpr const char* states[] = {"active", "filling", "leaving"};
                copies.push_back(
                    ordered_json{{"node", copy.node.str()},
                                 {"group", copy.group},
                                 {"state", states[static_cast<int>(copy.state)]},
                                 {"dirty", snapshot->is_dirty(index->physical, shard, copy.node)}});
            }
            shards.push_back(ordered_json{{"shard", shard}, {"copies", std::move(copies)}});
        }
        indexes[uid.str()] =
            ordered_json{{"settingsVersion", index->settings_version}, {"shards", std::move(shards)}};
    }
    co_return http::json_response(ordered_json{{"indexes", std::move(indexes)}}.dump());
}

}  // namespace miroir::api
