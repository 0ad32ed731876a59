#include "miroir/api/index_handler.hpp"

#include <charconv>
#include <nlohmann/json.hpp>

#include "json_values.hpp"
#include "miroir/api/shielded.hpp"
#include "miroir/cluster/placement.hpp"
#include "miroir/meili/content_type.hpp"
#include "miroir/meili/error.hpp"
#include "miroir/meili/index_uid.hpp"
#include "miroir/meili/markers.hpp"
#include "miroir/meili/requests.hpp"
#include "node_errors.hpp"

namespace miroir::api {

using nlohmann::ordered_json;

namespace {

ordered_json index_object(const cluster::IndexEntry& index) {
    return ordered_json{{"uid", index.logical.str()},
                        {"createdAt", rfc3339(index.created_at)},
                        {"updatedAt", rfc3339(index.updated_at)},
                        {"primaryKey", text_or_null(index.primary_key)}};
}

// The shard count of X-Miroir-Shards; 0 without the header.
Result<std::uint32_t> shards_asked(const http::Request& request) {
    const auto* value = request.header("x-miroir-shards");
    if (value == nullptr) {
        return 0U;
    }
    std::uint32_t shards = 0;
    const auto parsed = std::from_chars(value->data(), value->data() + value->size(), shards);
    if (parsed.ec != std::errc{} || parsed.ptr != value->data() + value->size() || shards == 0 ||
        shards > cluster::index_shards_max) {
        return meili::error("miroir_invalid_header",
                            "The header `X-Miroir-Shards` must be a number from 1 to " +
                                std::to_string(cluster::index_shards_max) + ".");
    }
    return shards;
}

}  // namespace

IndexHandler::IndexHandler(const membership::SnapshotKeeper& snapshots,
                           operations::ControlOperations& operations, Executor control)
    : snapshots_(snapshots), operations_(operations), control_(std::move(control)) {}

Async<Result<http::Response>> IndexHandler::submit(operations::ControlRequest request) {
    TaskSummary summary;
    summary.type = request.task.type;
    summary.index_uid = request.task.index_uid;
    auto call = operations_.submit(std::move(request));
    const auto accepted_task = co_await shielded_on(control_, std::move(call));
    if (!accepted_task) {
        co_return accepted_task.error();
    }
    summary.uid = accepted_task.value().uid;
    summary.enqueued_at = accepted_task.value().enqueued_at;
    co_return accepted(summary);
}

// An operation that is told by its index alone.
Async<Result<http::Response>> IndexHandler::submit_bare(http::Request request, auth::Grant grant,
                                                        std::string operation, std::string task_type,
                                                        std::string details_json) {
    const auto& uid = request.path_parameter("uid");
    const auto valid = meili::check_index_uid(uid);
    if (!valid) {
        co_return valid.error();
    }
    operations::ControlRequest control;
    control.operation = std::move(operation);
    control.index = LogicalIndexUid(uid);
    control.body = "{}";
    control.task.type = std::move(task_type);
    control.task.index_uid = uid;
    control.task.details_json = std::move(details_json);
    control.task.claim = std::move(grant.claim);
    auto answer = co_await submit(std::move(control));
    co_return answer;
}

Async<Result<http::Response>> IndexHandler::list(http::Request request, auth::Grant grant) {
    const auto page = meili::parse_index_page(meili::decode_query(request.query));
    if (!page) {
        co_return page.error();
    }
    const auto snapshot = snapshots_.current();
    auto results = ordered_json::array();
    std::uint64_t total = 0;
    for (const auto& [uid, index] : snapshot->indexes) {
        if (!grant.allows(uid) || not_made_yet(*snapshot, *index)) {
            continue;
        }
        if (total >= page.value().offset && results.size() < page.value().limit) {
            results.push_back(index_object(*index));
        }
        ++total;
    }
    const ordered_json body{{"results", std::move(results)},
                            {"offset", page.value().offset},
                            {"limit", page.value().limit},
                            {"total", total}};
    co_return http::json_response(body.dump());
}

Async<Result<http::Response>> IndexHandler::get(http::Request request, auth::Grant) {
    const auto& uid = request.path_parameter("uid");
    const auto valid = meili::check_index_uid(uid);
    if (!valid) {
        co_return valid.error();
    }
    const auto snapshot = snapshots_.current();
    const auto index = snapshot->find(LogicalIndexUid(uid));
    if (!index || not_made_yet(*snapshot, *index)) {
        co_return meili::index_not_found(uid);
    }
    co_return http::json_response(index_object(*index).dump());
}

Async<Result<http::Response>> IndexHandler::create(http::Request request, auth::Grant grant) {
    const auto type = meili::check_json_content_type(content_type_of(request));
    if (!type) {
        co_return type.error();
    }
    const auto creation = meili::parse_index_creation(request.body);
    if (!creation) {
        co_return creation.error();
    }
    const auto named = meili::check_primary_key_name(creation.value().primary_key);
    if (!named) {
        co_return named.error();
    }
    const auto shards = shards_asked(request);
    if (!shards) {
        co_return shards.error();
    }
    if (!grant.allows(LogicalIndexUid(creation.value().uid))) {
        co_return auth::invalid_key();
    }
    operations::ControlRequest operation;
    operation.operation = "index_create";
    operation.index = LogicalIndexUid(creation.value().uid);
    const auto key = text_or_null(creation.value().primary_key);
    operation.body = ordered_json{{"primaryKey", key}, {"shards", shards.value()}}.dump();
    operation.task.type = "indexCreation";
    operation.task.index_uid = creation.value().uid;
    operation.task.details_json = ordered_json{{"primaryKey", key}}.dump();
    operation.task.claim = std::move(grant.claim);
    auto answer = co_await submit(std::move(operation));
    co_return answer;
}

Async<Result<http::Response>> IndexHandler::update(http::Request request, auth::Grant grant) {
    const auto type = meili::check_json_content_type(content_type_of(request));
    if (!type) {
        co_return type.error();
    }
    const auto& uid = request.path_parameter("uid");
    const auto update = meili::parse_index_update(uid, request.body);
    if (!update) {
        co_return update.error();
    }
    const auto named = meili::check_primary_key_name(update.value().primary_key);
    if (!named) {
        co_return named.error();
    }
    if (update.value().uid && !grant.allows(LogicalIndexUid(*update.value().uid))) {
        co_return auth::invalid_key();
    }
    operations::ControlRequest operation;
    operation.operation = "index_update";
    operation.index = LogicalIndexUid(uid);
    const auto key = text_or_null(update.value().primary_key);
    operation.body = ordered_json{{"primaryKey", key}, {"uid", text_or_null(update.value().uid)}}.dump();
    operation.task.type = "indexUpdate";
    operation.task.index_uid = uid;
    ordered_json details{{"primaryKey", key}};
    if (update.value().uid) {
        details["oldIndexUid"] = uid;
        details["newIndexUid"] = *update.value().uid;
    }
    operation.task.details_json = details.dump();
    operation.task.claim = std::move(grant.claim);
    auto answer = co_await submit(std::move(operation));
    co_return answer;
}

Async<Result<http::Response>> IndexHandler::remove(http::Request request, auth::Grant grant) {
    return submit_bare(std::move(request), std::move(grant), "index_delete", "indexDeletion",
                       "{\"deletedDocuments\":null}");
}

Async<Result<http::Response>> IndexHandler::swap(http::Request request, auth::Grant grant) {
    const auto type = meili::check_json_content_type(content_type_of(request));
    if (!type) {
        co_return type.error();
    }
    const auto swaps = meili::parse_index_swaps(request.body);
    if (!swaps) {
        co_return swaps.error();
    }
    auto list = ordered_json::array();
    for (const auto& swap : swaps.value()) {
        if (!grant.allows(LogicalIndexUid(swap.first)) || !grant.allows(LogicalIndexUid(swap.second))) {
            co_return auth::invalid_key();
        }
        const auto pair = ordered_json::array({swap.first, swap.second});
        list.push_back(ordered_json{{"indexes", pair}, {"rename", swap.rename}});
    }
    const auto unique = meili::check_index_swaps(swaps.value());
    if (!unique) {
        co_return unique.error();
    }
    operations::ControlRequest operation;
    operation.operation = "index_swap";
    operation.index = LogicalIndexUid(swaps.value().empty() ? "" : swaps.value().front().first);
    operation.body = ordered_json{{"swaps", std::move(list)}}.dump();
    operation.task.type = "indexSwap";
    operation.task.details_json = operation.body;
    operation.task.claim = std::move(grant.claim);
    auto answer = co_await submit(std::move(operation));
    co_return answer;
}

Async<Result<http::Response>> IndexHandler::compact(http::Request request, auth::Grant grant) {
    return submit_bare(std::move(request), std::move(grant), "index_compact", "indexCompaction",
                       "{\"preCompactionSize\":null,\"postCompactionSize\":null}");
}

}  // namespace miroir::api
