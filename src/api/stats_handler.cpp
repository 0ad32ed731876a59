#include "miroir/api/stats_handler.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "miroir/meili/byte_size.hpp"
#include "miroir/meili/error.hpp"
#include "miroir/meili/index_uid.hpp"
#include "miroir/meili/markers.hpp"
#include "miroir/runtime/gather.hpp"
#include "node_errors.hpp"

namespace miroir::api {

using nlohmann::ordered_json;

StatsHandler::StatsHandler(const membership::SnapshotKeeper& snapshots, scatter::Scatter& scatter,
                           nodes::NodeClient& nodes)
    : snapshots_(snapshots), scatter_(scatter), nodes_(nodes) {}

namespace {

ordered_json size_json(std::uint64_t bytes, const meili::StatsQuery& query) {
    return query.human_sizes ? ordered_json(meili::human_size(bytes)) : ordered_json(bytes);
}

nodes::NodeRequest stats_request(std::string target) {
    nodes::NodeRequest request;
    request.target = std::move(target);
    request.repeatable = true;
    return request;
}

bool is_absent_or_count(const ordered_json& object, const char* key) {
    const auto found = object.find(key);
    return found == object.end() || found->is_number_unsigned();
}

bool is_absent_or_counts(const ordered_json& object, const char* key) {
    const auto found = object.find(key);
    return found == object.end() ||
           (found->is_object() && std::all_of(found->begin(), found->end(),
                                              [](const auto& one) { return one.is_number_unsigned(); }));
}

bool is_index_stats(const ordered_json& answer) {
    const auto indexing = answer.find("isIndexing");
    return answer.contains("numberOfDocuments") && is_absent_or_count(answer, "numberOfDocuments") &&
           is_absent_or_count(answer, "rawDocumentDbSize") &&
           is_absent_or_count(answer, "numberOfEmbeddings") &&
           is_absent_or_count(answer, "numberOfEmbeddedDocuments") &&
           is_absent_or_counts(answer, "fieldDistribution") &&
           is_absent_or_counts(answer, "internalDatabaseSizes") &&
           (indexing == answer.end() || indexing->is_boolean());
}

bool is_node_stats(const ordered_json& answer) {
    return answer.contains("databaseSize") && is_absent_or_count(answer, "databaseSize") &&
           is_absent_or_count(answer, "usedDatabaseSize");
}

// What cannot be read counts like a node that did not answer.
std::vector<ordered_json> answers_of(const std::vector<nodes::NodeReply>& replies,
                                     bool (*is_readable)(const ordered_json&)) {
    std::vector<ordered_json> answers;
    for (const auto& reply : replies) {
        const auto* answer = std::get_if<nodes::NodeAnswer>(&reply);
        if (answer != nullptr && answer->status == 200) {
            auto parsed = ordered_json::parse(answer->body, nullptr, false);
            if (parsed.is_object() && is_readable(parsed)) {
                answers.push_back(std::move(parsed));
            }
        }
    }
    return answers;
}

// What the nodes have together, scaled to one copy of each document.
struct Scaled {
    double factor = 0;
    std::uint64_t operator()(std::uint64_t total) const {
        return static_cast<std::uint64_t>(std::llround(static_cast<double>(total) * factor));
    }
};

std::uint64_t sum(const std::vector<ordered_json>& stats, const char* key) {
    std::uint64_t total = 0;
    for (const auto& one : stats) {
        total += one.value(key, std::uint64_t{0});
    }
    return total;
}

ordered_json fields_of(const std::vector<ordered_json>& stats, const Scaled& scaled) {
    std::map<std::string, std::uint64_t> counts;
    for (const auto& one : stats) {
        const auto distribution = one.value("fieldDistribution", ordered_json::object());
        for (const auto& [field, count] : distribution.items()) {
            counts[field] += meili::is_reserved(field) ? 0 : count.get<std::uint64_t>();
        }
    }
    auto fields = ordered_json::object();
    for (const auto& [field, count] : counts) {
        if (scaled(count) > 0) {
            fields[field] = scaled(count);
        }
    }
    return fields;
}

ordered_json merged_stats(const std::vector<ordered_json>& stats, std::uint64_t documents,
                          const meili::StatsQuery& query) {
    const auto held = sum(stats, "numberOfDocuments");
    const Scaled scaled{held == 0 ? 0.0 : static_cast<double>(documents) / static_cast<double>(held)};
    const auto raw = scaled(sum(stats, "rawDocumentDbSize"));
    const bool indexing = std::any_of(stats.begin(), stats.end(),
                                      [](const auto& one) { return one.value("isIndexing", false); });
    ordered_json merged{{"numberOfDocuments", documents},
                        {"rawDocumentDbSize", size_json(raw, query)},
                        {"avgDocumentSize", size_json(documents == 0 ? 0 : raw / documents, query)},
                        {"isIndexing", indexing}};
    if (query.show_internal_database_sizes) {
        std::map<std::string, std::uint64_t> sizes;
        for (const auto& one : stats) {
            const auto internal = one.value("internalDatabaseSizes", ordered_json::object());
            for (const auto& [name, bytes] : internal.items()) {
                sizes[name] += bytes.template get<std::uint64_t>();
            }
        }
        auto object = ordered_json::object();
        for (const auto& [name, bytes] : sizes) {
            object[name] = size_json(scaled(bytes), query);
        }
        merged["internalDatabaseSizes"] = std::move(object);
    }
    merged["numberOfEmbeddings"] = scaled(sum(stats, "numberOfEmbeddings"));
    merged["numberOfEmbeddedDocuments"] = scaled(sum(stats, "numberOfEmbeddedDocuments"));
    merged["fieldDistribution"] = fields_of(stats, scaled);
    return merged;
}

// Everything of these shards that the injected filter (JSON) lets through. All elements of a list must hold.
std::string counting_body(const std::optional<std::string>& injected, const std::vector<ShardId>& shards) {
    auto filter = ordered_json::array();
    if (injected) {
        auto rule = ordered_json::parse(*injected, nullptr, false);
        if (rule.is_array()) {
            filter = std::move(rule);
        } else {
            filter.push_back(std::move(rule));
        }
    }
    filter.push_back(meili::shard_filter_clause(shards));
    return ordered_json{{"limit", 0}, {"filter", std::move(filter)}}.dump();
}

http::Response response_of(std::string json, std::string degraded) {
    auto response = http::json_response(std::move(json));
    if (!degraded.empty()) {
        response.headers.emplace_back("x-miroir-degraded", std::move(degraded));
    }
    return response;
}

std::optional<std::uint64_t> total_of(const std::string& answer) {
    const auto page = ordered_json::parse(answer, nullptr, false);
    if (!page.is_object() || !page.contains("total") || !page["total"].is_number_unsigned()) {
        return std::nullopt;
    }
    return page["total"].get<std::uint64_t>();
}

}  // namespace

// A node whose answer cannot be read has failed: other copies are asked in its place.
Async<Result<StatsHandler::Counted>> StatsHandler::count(cluster::SnapshotPtr snapshot,
                                                         std::shared_ptr<const cluster::IndexEntry> index,
                                                         std::optional<std::string> injected_filter,
                                                         Deadline deadline) {
    std::set<NodeId> excluded;
    for (int round = 0; round < rounds_max; ++round) {
        scatter::ScatterRequest request;
        request.index = index;
        request.route = "/documents/fetch";
        request.body_for = [injected_filter](const std::vector<ShardId>& shards) {
            return counting_body(injected_filter, shards);
        };
        request.excluded = excluded;
        request.deadline = deadline;
        const auto scattered = co_await scatter_.run(snapshot, std::move(request));
        if (!scattered.missing.empty()) {
            co_return meili::error("miroir_shard_unavailable", "No copy of a shard can be read.");
        }
        Counted counted{0, degraded_text(scattered)};
        const auto before = excluded.size();
        for (const auto& one : scattered.answers) {
            const auto part = total_of(one.answer.body);
            counted.documents += part.value_or(0);
            if (!part) {
                excluded.insert(one.answer.node);
            }
        }
        if (excluded.size() == before) {
            co_return counted;
        }
    }
    co_return meili::error("miroir_shard_unavailable", "The nodes gave answers that cannot be read.");
}

Async<Result<StatsHandler::Told>> StatsHandler::index_stats(cluster::SnapshotPtr snapshot,
                                                            std::shared_ptr<const cluster::IndexEntry> index,
                                                            meili::StatsQuery query, auth::Grant grant,
                                                            Deadline deadline) {
    auto injected = grant.filter_for(index->logical);
    auto counted = co_await count(snapshot, index, std::move(injected), deadline);
    if (!counted) {
        co_return counted.error();
    }
    std::set<NodeId> holders;
    for (const auto& shard : index->placement.shards) {
        for (const auto& copy : shard) {
            holders.insert(copy.node);
        }
    }
    const std::string parameters =
        query.show_internal_database_sizes ? "?showInternalDatabaseSizes=true" : "";
    std::vector<Async<nodes::NodeReply>> calls;
    for (const auto& node : holders) {
        auto request = stats_request("/indexes/" + index->physical.str() + "/stats" + parameters);
        calls.push_back(nodes_.send(node, std::move(request), deadline));
    }
    const auto replies = co_await runtime::gather(std::move(calls));
    const auto answers = answers_of(replies, is_index_stats);
    if (answers.empty()) {
        co_return meili::error("miroir_shard_unavailable", "No node tells the statistics of the index.");
    }
    co_return Told{merged_stats(answers, counted.value().documents, query).dump(),
                   std::move(counted.value().degraded)};
}

Async<Result<http::Response>> StatsHandler::of_index(http::Request request, auth::Grant grant) {
    const auto uid = request.path_parameter("uid");
    const auto valid = meili::check_index_uid(uid);
    if (!valid) {
        co_return valid.error();
    }
    const auto query = meili::parse_stats_query(meili::decode_query(request.query));
    if (!query) {
        co_return query.error();
    }
    const auto snapshot = snapshots_.current();
    const auto index = snapshot->find(LogicalIndexUid(uid));
    if (!index || not_made_yet(*snapshot, *index)) {
        co_return meili::index_not_found(uid);
    }
    auto stats = co_await index_stats(snapshot, index, query.value(), std::move(grant), request.deadline);
    if (!stats) {
        co_return stats.error();
    }
    co_return response_of(std::move(stats.value().json), std::move(stats.value().degraded));
}

Async<Result<http::Response>> StatsHandler::of_all(http::Request request, auth::Grant grant) {
    const auto query = meili::parse_stats_query(meili::decode_query(request.query));
    if (!query) {
        co_return query.error();
    }
    const auto snapshot = snapshots_.current();
    std::vector<Async<nodes::NodeReply>> calls;
    for (const auto& node : snapshot->topology.nodes) {
        auto node_request = stats_request("/stats");
        calls.push_back(nodes_.send(node.id, std::move(node_request), request.deadline));
    }
    const auto replies = co_await runtime::gather(std::move(calls));
    const auto node_stats = answers_of(replies, is_node_stats);
    std::optional<WallTime> last_update;
    auto indexes = ordered_json::object();
    std::string degraded;
    for (const auto& [uid, index] : snapshot->indexes) {
        if (!grant.allows(uid) || not_made_yet(*snapshot, *index)) {
            continue;
        }
        auto stats = co_await index_stats(snapshot, index, query.value(), grant, request.deadline);
        if (!stats) {
            co_return stats.error();
        }
        last_update = !last_update || *last_update < index->updated_at ? index->updated_at : last_update;
        const auto& lack = stats.value().degraded;
        degraded += (degraded.empty() || lack.empty() ? "" : "; ") + lack;
        indexes[uid.str()] = ordered_json::parse(stats.value().json);
    }
    const ordered_json body{
        {"databaseSize", size_json(sum(node_stats, "databaseSize"), query.value())},
        {"usedDatabaseSize", size_json(sum(node_stats, "usedDatabaseSize"), query.value())},
        {"lastUpdate", last_update ? ordered_json(rfc3339(*last_update)) : ordered_json(nullptr)},
        {"indexes", std::move(indexes)}};
    co_return response_of(body.dump(), std::move(degraded));
}

}  // namespace miroir::api
