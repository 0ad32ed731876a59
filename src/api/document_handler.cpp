#include "miroir/api/document_handler.hpp"

#include <nlohmann/json.hpp>
#include <set>

#include "miroir/meili/content_type.hpp"
#include "miroir/meili/document_id.hpp"
#include "miroir/meili/error.hpp"
#include "miroir/meili/index_uid.hpp"
#include "miroir/meili/requests.hpp"
#include "miroir/scatter/merge_documents.hpp"
#include "node_errors.hpp"
#include "settings_state.hpp"

namespace miroir::api {

using nlohmann::ordered_json;

// A list of documents that has been checked and only needs to be read.
struct DocumentHandler::Wanted {
    cluster::SnapshotPtr snapshot;
    std::shared_ptr<const cluster::IndexEntry> index;
    std::shared_ptr<const scatter::ClientSettings> settings;
    scatter::NodeDocuments list;
    std::optional<meili::FilterParameter> filter;
    std::optional<std::vector<ShardId>> shards;
    std::string request_id;
    Deadline deadline{SteadyTime::max()};
    // The id of a single document: the answer is the bare document.
    std::optional<std::string> single;
};

DocumentHandler::DocumentHandler(const membership::SnapshotKeeper& snapshots, scatter::Scatter& scatter,
                                 SettingsCache& settings, SearchOptions options)
    : snapshots_(snapshots), scatter_(scatter), settings_(settings), options_(options) {}

namespace {

// The context of a read: the client's settings and what the grant adds.
Result<scatter::SearchContext> context_of(const cluster::IndexEntry& index, SettingsCache& settings,
                                          const auth::Grant& grant) {
    scatter::SearchContext context;
    context.index = index.logical;
    context.settings = settings.of(index);
    if (const auto injected = grant.filter_for(index.logical)) {
        auto rule = meili::parse_filter_parameter(*injected, "invalid_document_filter");
        if (!rule) {
            return rule.error();
        }
        context.rules.push_back(std::move(rule.value()));
    }
    return context;
}

ApiError document_not_found(const std::string& id) {
    return meili::error("document_not_found", "Document `" + id + "` not found.");
}

// The only document of a list answer; empty when there is none.
std::optional<std::string> single_document(const std::string& list) {
    constexpr std::string_view begin = "{\"results\":[";
    const auto end = list.rfind("],\"offset\":");
    if (!list.starts_with(begin) || end == std::string::npos || end <= begin.size()) {
        return std::nullopt;
    }
    return list.substr(begin.size(), end - begin.size());
}

}  // namespace

// The merged list, and what is missing from it (for X-Miroir-Degraded). A node whose answer cannot be read
// has failed: other copies are asked in its place.
Async<Result<std::pair<std::string, std::string>>> DocumentHandler::scatter_and_merge(
    std::shared_ptr<const Wanted> wanted) {
    std::set<NodeId> excluded;
    for (int round = 0; round < rounds_max; ++round) {
        scatter::ScatterRequest request;
        request.index = wanted->index;
        request.route = "/documents/fetch";
        request.body_for = [wanted](const std::vector<ShardId>& shards) {
            return wanted->list.body_for(shards);
        };
        request.cover.only = wanted->shards;
        request.cover.choice = wanted->list.cover_choice(wanted->index->logical);
        request.cover.preference = options_.cover;
        request.excluded = excluded;
        request.deadline = wanted->deadline;
        request.request_id = wanted->request_id;
        auto scattered = co_await scatter_.run(wanted->snapshot, std::move(request));
        if (!scattered.missing.empty() && (!options_.partial_allowed || scattered.answers.empty())) {
            co_return meili::error("miroir_shard_unavailable", "No copy of a shard can be read.");
        }
        if (const auto node = unreadable_error(scattered.answers)) {
            excluded.insert(*node);
            continue;
        }
        const auto* filter = wanted->filter ? &*wanted->filter : nullptr;
        if (auto error = settle_errors(scattered.answers, *wanted->index, *wanted->settings, filter)) {
            co_return *error;
        }
        std::vector<scatter::NodeAnswerBody> bodies;
        for (const auto& one : scattered.answers) {
            bodies.push_back({one.answer.node, one.answer.body, wanted->list.needed});
        }
        auto merged = scatter::merge_documents(wanted->list, bodies);
        if (!merged) {
            excluded.insert(merged.error().node);
            continue;
        }
        co_return std::pair(std::move(merged.value()), degraded_text(scattered));
    }
    co_return meili::error("miroir_shard_unavailable", "The nodes gave answers that cannot be read.");
}

Async<Result<http::Response>> DocumentHandler::read(std::shared_ptr<const Wanted> wanted) {
    auto merged = co_await scatter_and_merge(wanted);
    if (!merged) {
        co_return merged.error();
    }
    auto [body, degraded] = std::move(merged.value());
    if (wanted->single) {
        auto document = single_document(body);
        if (!document) {
            co_return document_not_found(*wanted->single);
        }
        body = std::move(*document);
    }
    auto response = http::json_response(std::move(body));
    if (!degraded.empty()) {
        response.headers.emplace_back("x-miroir-degraded", std::move(degraded));
    }
    add_settings_headers(response, settings_state(*wanted->snapshot, *snapshots_.current(), *wanted->index));
    co_return response;
}

Async<Result<http::Response>> DocumentHandler::get_one(http::Request request, auth::Grant grant) {
    const auto& uid = request.path_parameter("uid");
    const auto id = request.path_parameter("id");
    const auto query = meili::parse_document_query(meili::decode_query(request.query));
    if (!query) {
        co_return query.error();
    }
    const auto valid = meili::check_index_uid(uid);
    if (!valid) {
        co_return valid.error();
    }
    const auto floor = settings_floor(request);
    if (!floor) {
        co_return floor.error();
    }
    auto wanted = std::make_shared<Wanted>();
    wanted->snapshot = snapshots_.current();
    wanted->index = wanted->snapshot->find(LogicalIndexUid(uid));
    if (!wanted->index || not_made_yet(*wanted->snapshot, *wanted->index)) {
        co_return meili::index_not_found(uid);
    }
    const auto floor_met = check_settings_floor(*wanted->snapshot, *wanted->index, floor.value());
    if (!floor_met) {
        co_return floor_met.error();
    }
    if (!meili::is_valid_document_id(id) || !wanted->index->primary_key) {
        co_return document_not_found(id);
    }
    auto context = context_of(*wanted->index, settings_, grant);
    if (!context) {
        co_return context.error();
    }
    wanted->settings = context.value().settings;
    meili::DocumentsQuery list;
    list.limit = 1;
    list.fields = query.value().fields;
    list.retrieve_vectors = query.value().retrieve_vectors;
    list.ids_json = std::vector<std::string>(1, ordered_json(id).dump());
    auto planned = scatter::node_documents(std::move(list), context.value());
    if (!planned) {
        co_return planned.error();
    }
    wanted->list = std::move(planned.value());
    wanted->shards = std::vector<ShardId>(1, cluster::shard_of(id, wanted->index->shards));
    wanted->request_id = request.request_id;
    wanted->deadline = request.deadline.capped(options_.timeout);
    wanted->single = id;
    auto response = co_await read(std::move(wanted));
    co_return response;
}

namespace {

// The ids of a list must be strings or integers.
Result<void> check_ids(const meili::DocumentsQuery& query) {
    if (!query.ids_json) {
        return ok();
    }
    for (const auto& id : *query.ids_json) {
        const bool text = id.size() >= 2 && id.front() == '"';
        const bool number = !id.empty() && id.find_first_not_of("-0123456789") == std::string::npos;
        if (!text && !number) {
            return meili::error("invalid_document_ids", meili::invalid_document_id(id).message);
        }
    }
    return ok();
}

}  // namespace

Async<Result<http::Response>> DocumentHandler::list(http::Request request, auth::Grant grant) {
    auto query = meili::parse_documents_query(meili::decode_query(request.query));
    if (!query) {
        co_return query.error();
    }
    auto response = co_await read_list(std::move(request), std::move(grant), std::move(query.value()));
    co_return response;
}

Async<Result<http::Response>> DocumentHandler::fetch(http::Request request, auth::Grant grant) {
    const auto type = meili::check_json_content_type(content_type_of(request));
    if (!type) {
        co_return type.error();
    }
    auto query = meili::parse_documents_query(request.body);
    if (!query) {
        co_return query.error();
    }
    auto response = co_await read_list(std::move(request), std::move(grant), std::move(query.value()));
    co_return response;
}

Async<Result<http::Response>> DocumentHandler::read_list(http::Request request, auth::Grant grant,
                                                         meili::DocumentsQuery query) {
    const auto& uid = request.path_parameter("uid");
    const auto valid = meili::check_index_uid(uid);
    if (!valid) {
        co_return valid.error();
    }
    const auto floor = settings_floor(request);
    if (!floor) {
        co_return floor.error();
    }
    auto wanted = std::make_shared<Wanted>();
    wanted->snapshot = snapshots_.current();
    wanted->index = wanted->snapshot->find(LogicalIndexUid(uid));
    if (!wanted->index || not_made_yet(*wanted->snapshot, *wanted->index)) {
        co_return meili::index_not_found(uid);
    }
    const auto floor_met = check_settings_floor(*wanted->snapshot, *wanted->index, floor.value());
    if (!floor_met) {
        co_return floor_met.error();
    }
    if (query.use_network.value_or(false)) {
        co_return meili::error(
            "feature_not_enabled",
            "passing `useNetwork` in a search query requires enabling the `network` experimental "
            "feature. See https://github.com/orgs/meilisearch/discussions/805");
    }
    const auto ids = check_ids(query);
    if (!ids) {
        co_return ids.error();
    }
    if (query.filter_json) {
        auto filter = meili::parse_filter_parameter(*query.filter_json, "invalid_document_filter");
        if (!filter) {
            co_return filter.error();
        }
        wanted->filter = std::move(filter.value());
    }
    auto context = context_of(*wanted->index, settings_, grant);
    if (!context) {
        co_return context.error();
    }
    wanted->settings = context.value().settings;
    auto planned = scatter::node_documents(std::move(query), context.value());
    if (!planned) {
        co_return planned.error();
    }
    wanted->list = std::move(planned.value());
    wanted->request_id = request.request_id;
    wanted->deadline = request.deadline.capped(options_.timeout);
    auto response = co_await read(std::move(wanted));
    co_return response;
}

}  // namespace miroir::api
