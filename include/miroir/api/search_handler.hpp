#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "miroir/api/route.hpp"
#include "miroir/base/metrics.hpp"
#include "miroir/membership/snapshot_keeper.hpp"
#include "miroir/scatter/merge_search.hpp"
#include "miroir/scatter/scatter.hpp"
#include "miroir/scatter/search_plan.hpp"

namespace miroir::api {

struct SearchOptions {
    cluster::CoverPreference cover = cluster::CoverPreference::fewest;
    // A shard without a readable copy: answer without it and say so, or refuse.
    bool partial_allowed = true;
    std::chrono::milliseconds timeout{30'000};
    std::uint64_t node_values_per_facet = 0;
    // Values of one facet that are asked for by name when a node's list of them was cut.
    std::uint64_t facet_recount_max = 1000;
    // From so many hits to merge on, nodes are asked for a part of them first. 0: never.
    std::uint64_t parts_from_hits = 100;
};

// The client settings of each index, parsed once per version. Thread safe.
class SettingsCache {
public:
    std::shared_ptr<const scatter::ClientSettings> of(const cluster::IndexEntry& index);

private:
    std::mutex mutex_;
    std::map<PhysicalIndexUid, std::pair<SettingsVersion, std::shared_ptr<const scatter::ClientSettings>>>
        cache_;
};

struct RecountedFacet;

// GET and POST of /indexes/{uid}/search, and POST /multi-search.
class SearchHandler {
public:
    SearchHandler(const membership::SnapshotKeeper& snapshots, scatter::Scatter& scatter,
                  SettingsCache& settings, SearchOptions options, Metrics& metrics);

    Async<Result<http::Response>> post(http::Request request, auth::Grant grant);
    Async<Result<http::Response>> get(http::Request request, auth::Grant grant);
    Async<Result<http::Response>> multi(http::Request request, auth::Grant grant);

private:
    struct Answer;
    struct Asked;
    Result<std::shared_ptr<const Asked>> asked_by(const http::Request& request) const;
    Async<Result<Answer>> search(meili::SearchQuery query, LogicalIndexUid uid, auth::Grant grant,
                                 std::shared_ptr<const Asked> asked);
    Async<Result<Answer>> scatter_and_merge(std::shared_ptr<const scatter::NodeSearch> search,
                                            std::shared_ptr<const cluster::IndexEntry> index,
                                            std::shared_ptr<const Asked> asked);
    Async<std::vector<RecountedFacet>> recount(std::shared_ptr<const scatter::NodeSearch> search,
                                               std::shared_ptr<const cluster::IndexEntry> index,
                                               std::shared_ptr<const Asked> asked, std::set<NodeId> excluded,
                                               std::vector<scatter::UncertainFacet> uncertain);
    scatter::ScatterRequest request_for(const scatter::NodeSearch& search,
                                        std::shared_ptr<const cluster::IndexEntry> index, const Asked& asked,
                                        const std::set<NodeId>& excluded) const;
    Async<Result<http::Response>> answer_one(http::Request request, meili::SearchQuery query,
                                             auth::Grant grant);
    http::Response respond(Answer answer) const;

    const membership::SnapshotKeeper& snapshots_;
    scatter::Scatter& scatter_;
    SettingsCache& settings_;
    const SearchOptions options_;
    Counter& recounts_;
    Counter& refetches_;
};

}  // namespace miroir::api
