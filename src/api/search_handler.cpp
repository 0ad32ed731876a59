#include "miroir/api/search_handler.hpp"

#include "facet_recount.hpp"
#include "miroir/base/hash.hpp"
#include "miroir/meili/content_type.hpp"
#include "miroir/meili/error.hpp"
#include "miroir/meili/index_uid.hpp"
#include "miroir/meili/json_text.hpp"
#include "miroir/meili/search_consistency.hpp"
#include "miroir/runtime/gather.hpp"
#include "node_errors.hpp"
#include "settings_state.hpp"

namespace miroir::api {

struct SearchHandler::Answer {
    std::string body;
    std::string degraded;  // value of X-Miroir-Degraded; empty when the answer is whole
    std::optional<SettingsState> settings;
};

// What a search has to know about the request it belongs to.
struct SearchHandler::Asked {
    cluster::SnapshotPtr snapshot;
    std::string request_id;
    bool include_metadata = false;
    SettingsVersion settings_floor = 0;
    SteadyTime begun;
    Deadline deadline{SteadyTime::max()};
};

std::shared_ptr<const scatter::ClientSettings> SettingsCache::of(const cluster::IndexEntry& index) {
    const std::lock_guard lock(mutex_);
    auto& slot = cache_[index.physical];
    if (!slot.second || slot.first != index.settings_version) {
        slot = {index.settings_version, std::make_shared<const scatter::ClientSettings>(
                                            scatter::client_settings(index.settings_json))};
    }
    return slot.second;
}

SearchHandler::SearchHandler(const membership::SnapshotKeeper& snapshots, scatter::Scatter& scatter,
                             SettingsCache& settings, SearchOptions options, Metrics& metrics)
    : snapshots_(snapshots),
      scatter_(scatter),
      settings_(settings),
      options_(options),
      recounts_(metrics.counter("miroir_facet_recounts_total",
                                "Facets whose values were counted again because a node's list was cut.")),
      refetches_(metrics.counter("miroir_search_refetches_total",
                                 "Searches whose nodes were asked again for more hits.")) {}

namespace {

bool wants_metadata(const http::Request& request) {
    const auto* value = request.header("meili-include-metadata");
    return value != nullptr &&
           (*value == "1" ||
            (value->size() == 4 && (*value == "true" || *value == "True" || *value == "TRUE")));
}

std::string metadata_of(const cluster::IndexEntry& index, const std::optional<std::string>& q) {
    std::string text = "{";
    if (q) {
        text += "\"query\":";
        meili::append_json_string(text, *q);
        text += ",";
    }
    text += "\"queryUid\":\"" + uuid_v7() + "\",\"indexUid\":";
    meili::append_json_string(text, index.logical.str());
    if (index.primary_key) {
        text += ",\"primaryKey\":";
        meili::append_json_string(text, *index.primary_key);
    }
    return text + "}";
}

std::uint64_t milliseconds_since(SteadyTime begun) {
    const auto spent = system_clock().steady() - begun;
    return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(spent).count());
}

}  // namespace

Result<std::shared_ptr<const SearchHandler::Asked>> SearchHandler::asked_by(
    const http::Request& request) const {
    const auto floor = settings_floor(request);
    if (!floor) {
        return floor.error();
    }
    auto asked = std::make_shared<Asked>();
    asked->snapshot = snapshots_.current();
    asked->request_id = request.request_id;
    asked->include_metadata = wants_metadata(request);
    asked->settings_floor = floor.value();
    asked->begun = system_clock().steady();
    asked->deadline = request.deadline.capped(options_.timeout);
    return std::shared_ptr<const Asked>(std::move(asked));
}

Async<Result<http::Response>> SearchHandler::answer_one(http::Request request, meili::SearchQuery query,
                                                        auth::Grant grant) {
    const auto asked = asked_by(request);
    if (!asked) {
        co_return asked.error();
    }
    const LogicalIndexUid index(request.path_parameter("uid"));
    auto answer = co_await search(std::move(query), index, std::move(grant), asked.value());
    if (!answer) {
        co_return answer.error();
    }
    co_return respond(std::move(answer.value()));
}

http::Response SearchHandler::respond(Answer answer) const {
    auto response = http::json_response(std::move(answer.body));
    if (!answer.degraded.empty()) {
        response.headers.emplace_back("x-miroir-degraded", std::move(answer.degraded));
    }
    if (answer.settings) {
        add_settings_headers(response, *answer.settings);
    }
    return response;
}

Async<Result<http::Response>> SearchHandler::post(http::Request request, auth::Grant grant) {
    const auto type = meili::check_json_content_type(content_type_of(request));
    if (!type) {
        co_return type.error();
    }
    auto query = meili::parse_search(request.body);
    if (!query) {
        co_return query.error();
    }
    const auto& uid = request.path_parameter("uid");
    const auto valid = meili::check_index_uid(uid);
    if (!valid) {
        co_return valid.error();
    }
    auto response = co_await answer_one(std::move(request), std::move(query.value()), std::move(grant));
    co_return response;
}

Async<Result<http::Response>> SearchHandler::get(http::Request request, auth::Grant grant) {
    const auto& uid = request.path_parameter("uid");
    const auto valid = meili::check_index_uid(uid);
    auto query = meili::parse_search(meili::decode_query(request.query));
    if (!query) {
        co_return query.error();
    }
    if (!valid) {
        co_return valid.error();
    }
    auto response = co_await answer_one(std::move(request), std::move(query.value()), std::move(grant));
    co_return response;
}

Async<Result<http::Response>> SearchHandler::multi(http::Request request, auth::Grant grant) {
    const auto type = meili::check_json_content_type(content_type_of(request));
    if (!type) {
        co_return type.error();
    }
    auto multi = meili::parse_multi_search(request.body);
    if (!multi) {
        co_return multi.error();
    }
    if (multi.value().federation_json) {
        co_return meili::error("miroir_not_supported", "Federated multi-search is not supported.");
    }
    for (std::size_t i = 0; i < multi.value().queries.size(); ++i) {
        const auto allowed = meili::check_outside_federation(multi.value().queries[i]);
        if (!allowed) {
            co_return meili::inside_query(i, allowed.error());
        }
    }
    const auto asked = asked_by(request);
    if (!asked) {
        co_return asked.error();
    }
    auto& queries = multi.value().queries;
    std::vector<Async<Result<Answer>>> calls;
    std::vector<std::string> uids;
    for (auto& one : queries) {
        const LogicalIndexUid index(one.index_uid);
        uids.push_back(one.index_uid);
        calls.push_back(search(std::move(one.query), index, grant, asked.value()));
    }
    auto answers = co_await runtime::gather(std::move(calls));
    Answer all;
    all.body = "{\"results\":[";
    for (std::size_t i = 0; i < answers.size(); ++i) {
        if (!answers[i]) {
            auto error = meili::inside_query(i, answers[i].error());
            error.status = error.code == "index_not_found" ? 400 : error.status;
            co_return error;
        }
        all.body += i == 0 ? "{\"indexUid\":" : ",{\"indexUid\":";
        meili::append_json_string(all.body, uids[i]);
        all.body.append(",").append(answers[i].value().body, 1);
        const auto& degraded = answers[i].value().degraded;
        all.degraded += (all.degraded.empty() || degraded.empty() ? "" : "; ") + degraded;
        all.settings = joined(all.settings, *answers[i].value().settings);
    }
    all.body += "]}";
    co_return respond(std::move(all));
}

Async<Result<SearchHandler::Answer>> SearchHandler::search(meili::SearchQuery query, LogicalIndexUid uid,
                                                           auth::Grant grant,
                                                           std::shared_ptr<const Asked> asked) {
    if (!grant.allows(uid)) {
        co_return auth::invalid_key();
    }
    const auto index = asked->snapshot->find(uid);
    if (!index || not_made_yet(*asked->snapshot, *index)) {
        co_return meili::index_not_found(uid.str());
    }
    const auto floor_met = check_settings_floor(*asked->snapshot, *index, asked->settings_floor);
    if (!floor_met) {
        co_return floor_met.error();
    }
    scatter::SearchContext context;
    context.index = uid;
    context.settings = settings_.of(*index);
    context.node_values_per_facet = options_.node_values_per_facet;
    if (const auto injected = grant.filter_for(uid)) {
        auto rule = meili::parse_filter_parameter(*injected, "invalid_search_filter");
        if (!rule) {
            co_return rule.error();
        }
        context.rules.push_back(std::move(rule.value()));
    }
    auto planned = scatter::node_search(std::move(query), std::move(context));
    if (!planned) {
        co_return planned.error();
    }
    const auto search = std::make_shared<const scatter::NodeSearch>(std::move(planned.value()));
    auto answer = co_await scatter_and_merge(search, index, asked);
    co_return answer;
}

scatter::ScatterRequest SearchHandler::request_for(const scatter::NodeSearch& search,
                                                   std::shared_ptr<const cluster::IndexEntry> index,
                                                   const Asked& asked,
                                                   const std::set<NodeId>& excluded) const {
    scatter::ScatterRequest request;
    request.index = std::move(index);
    request.route = "/search";
    request.cover.choice = search.cover_choice();
    request.cover.preference = options_.cover;
    request.excluded = excluded;
    request.deadline = asked.deadline;
    request.request_id = asked.request_id;
    return request;
}

Async<std::vector<RecountedFacet>> SearchHandler::recount(std::shared_ptr<const scatter::NodeSearch> search,
                                                          std::shared_ptr<const cluster::IndexEntry> index,
                                                          std::shared_ptr<const Asked> asked,
                                                          std::set<NodeId> excluded,
                                                          std::vector<scatter::UncertainFacet> uncertain) {
    std::vector<RecountedFacet> all;
    for (auto& facet : uncertain) {
        if (options_.facet_recount_max == 0) {
            break;
        }
        facet.values.resize(std::min<std::size_t>(facet.values.size(), options_.facet_recount_max));
        auto request = request_for(*search, index, *asked, excluded);
        request.body_for = [search, facet](const std::vector<ShardId>& shards) {
            return search->recount_body_for(shards, facet);
        };
        auto scattered = co_await scatter_.run(asked->snapshot, std::move(request));
        recounts_.add(1);
        all.push_back({std::move(facet), std::move(scattered)});
    }
    co_return all;
}

// A node whose answer cannot be read has failed: other copies are asked in its place. When the part of the
// hits that a node was asked for was too small, all nodes are asked again, for all that may be needed.
Async<Result<SearchHandler::Answer>> SearchHandler::scatter_and_merge(
    std::shared_ptr<const scatter::NodeSearch> search, std::shared_ptr<const cluster::IndexEntry> index,
    std::shared_ptr<const Asked> asked) {
    const auto needed = search->window.needed;
    bool whole = options_.parts_from_hits == 0 || needed < options_.parts_from_hits;
    std::set<NodeId> excluded;
    for (int round = 0; round < rounds_max; ++round) {
        auto request = request_for(*search, index, *asked, excluded);
        const auto hits = [search, index, whole, needed](const std::vector<ShardId>& shards) {
            return whole ? needed : search->first_fetch(shards.size(), index->shards);
        };
        request.body_for = [search, hits](const std::vector<ShardId>& shards) {
            return search->body_for(shards, hits(shards));
        };
        auto scattered = co_await scatter_.run(asked->snapshot, std::move(request));
        if (!scattered.missing.empty() && (!options_.partial_allowed || scattered.answers.empty())) {
            co_return meili::error("miroir_shard_unavailable", "No copy of a shard can be read.");
        }
        if (const auto node = unreadable_error(scattered.answers)) {
            excluded.insert(*node);
            continue;
        }
        const auto* const filter = search->filter.empty() ? nullptr : &search->filter;
        if (auto error = settle_errors(scattered.answers, *index, *search->settings, filter)) {
            co_return *error;
        }
        std::vector<scatter::NodeAnswerBody> bodies;
        for (const auto& one : scattered.answers) {
            bodies.push_back({one.answer.node, one.answer.body, hits(one.shards)});
        }
        scatter::AnswerFacts facts;
        facts.request_uid = uuid_v7();
        facts.processing_time_ms = milliseconds_since(asked->begun);
        if (asked->include_metadata) {
            facts.metadata_json = metadata_of(*index, search->query.q);
        }
        auto merged = scatter::merge_search(*search, bodies, facts);
        if (!merged) {
            excluded.insert(merged.error().node);
            continue;
        }
        if (!merged.value().need_more.empty()) {
            whole = true;
            --round;
            refetches_.add(1);
            continue;
        }
        if (!merged.value().uncertain_facets.empty() && search->can_recount()) {
            auto uncertain = std::move(merged.value().uncertain_facets);
            const auto again = co_await recount(search, index, asked, excluded, std::move(uncertain));
            const auto counts = usable_recounts(again, scattered);
            auto exact = scatter::merge_search(*search, bodies, facts, counts);
            merged = exact ? std::move(exact) : std::move(merged);
        }
        const auto settings = settings_state(*asked->snapshot, *snapshots_.current(), *index);
        co_return Answer{std::move(merged.value().body), degraded_text(scattered), settings};
    }
    co_return meili::error("miroir_shard_unavailable", "The nodes gave answers that cannot be read.");
}

}  // namespace miroir::api
