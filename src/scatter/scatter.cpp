#include "miroir/scatter/scatter.hpp"

#include <algorithm>
#include <boost/asio/deferred.hpp>
#include <boost/asio/post.hpp>
#include <set>

#include "miroir/runtime/gather.hpp"

namespace miroir::scatter {

namespace {

bool unknown_index(const nodes::NodeReply& reply) {
    const auto* answer = std::get_if<nodes::NodeAnswer>(&reply);
    return answer != nullptr && answer->status == 404 &&
           answer->body.find("\"index_not_found\"") != std::string::npos;
}

nodes::NodeRequest request_for(const ScatterRequest& request, const std::vector<ShardId>& shards) {
    auto body = std::make_shared<std::string>(request.body_for(shards));
    nodes::NodeRequest call;
    call.method = http::Method::post;
    call.target = "/indexes/" + request.index->physical.str() + request.route;
    call.content_type = "application/json";
    call.body.emplace_back(*body);
    call.keep_alive = std::move(body);
    call.repeatable = true;
    call.request_id = request.request_id;
    return call;
}

bool has_other_copies(const cluster::Topology& topology) {
    return topology.replication_factor > 1 || topology.groups.size() > 1;
}

// Each once.
void add_new(std::vector<ShardId>& shards, const std::vector<ShardId>& others) {
    for (const auto shard : others) {
        if (std::count(shards.begin(), shards.end(), shard) == 0) {
            shards.push_back(shard);
        }
    }
}

}  // namespace

Scatter::Scatter(nodes::NodeClient& nodes, LostIndexReporter report_lost_index,
                 std::chrono::milliseconds attempt_timeout, Metrics& metrics)
    : nodes_(nodes),
      report_lost_index_(std::move(report_lost_index)),
      attempt_timeout_(attempt_timeout),
      node_requests_(
          metrics.counter("miroir_scatter_node_requests_total", "Node requests of scattered reads.")),
      retried_(metrics.counter("miroir_scatter_retries_total",
                               "Node requests that were retried on another copy.")),
      abandoned_(metrics.counter("miroir_scatter_abandoned_total",
                                 "Node requests that took longer than scatter.attempt_timeout_ms.")),
      missing_(metrics.counter("miroir_scatter_missing_shards_total", "Shards that no copy answered for.")) {}

Async<Scattered> Scatter::run(cluster::SnapshotPtr snapshot, ScatterRequest request) {
    Scattered result;
    auto excluded = request.excluded;
    auto wanted = request.cover;
    std::set<NodeId> slow;
    bool patient = !has_other_copies(snapshot->topology);
    const auto usable = [&](const NodeId& node) {
        return excluded.count(node) == 0 && slow.count(node) == 0 && nodes_.usable(node);
    };
    for (;;) {
        auto cover = cluster::choose_cover(*snapshot, *request.index, wanted, usable);
        if (!cover.missing.empty() && !slow.empty()) {
            // Nobody else has these shards: the slow nodes get all the time that is left.
            slow.clear();
            patient = true;
            cover = cluster::choose_cover(*snapshot, *request.index, wanted, usable);
        }
        const auto attempt = patient ? request.deadline : request.deadline.capped(attempt_timeout_);
        result.missing = cover.missing;
        add_new(result.dirty, cover.dirty);
        std::vector<Async<nodes::NodeReply>> calls;
        std::vector<std::vector<ShardId>> asked;
        for (const auto& [node, shards] : cover.shards_by_node) {
            calls.push_back(nodes_.send(node, request_for(request, shards), attempt));
            asked.push_back(shards);
        }
        node_requests_.add(static_cast<double>(calls.size()));
        // Reads that came in together send together: a node wakes once for all, not once for each.
        co_await asio::post(asio::deferred);
        auto replies = co_await runtime::gather(std::move(calls));
        std::vector<ShardId> again;
        for (std::size_t i = 0; i < replies.size(); ++i) {
            if (unknown_index(replies[i])) {
                const auto node = std::get<nodes::NodeAnswer>(replies[i]).node;
                report_lost_index_(node);
                replies[i] = nodes::NodeFailure{node, nodes::FailureKind::bad_answer, "unknown index"};
            }
            if (auto* answer = std::get_if<nodes::NodeAnswer>(&replies[i])) {
                result.answers.push_back({std::move(*answer), std::move(asked[i])});
                continue;
            }
            auto& failure = std::get<nodes::NodeFailure>(replies[i]);
            const bool abandoned = !patient && failure.kind == nodes::FailureKind::timed_out;
            if (abandoned) {
                abandoned_.add();
            }
            (abandoned ? slow : excluded).insert(failure.node);
            result.failures.push_back(std::move(failure));
            again.insert(again.end(), asked[i].begin(), asked[i].end());
        }
        if (again.empty() || request.deadline.passed()) {
            result.missing.insert(result.missing.end(), again.begin(), again.end());
            break;
        }
        retried_.add(static_cast<double>(again.size()));
        std::sort(again.begin(), again.end());
        again.insert(again.end(), cover.missing.begin(), cover.missing.end());
        std::sort(again.begin(), again.end());
        wanted.only = std::move(again);
    }
    std::sort(result.missing.begin(), result.missing.end());
    missing_.add(static_cast<double>(result.missing.size()));
    std::sort(result.answers.begin(), result.answers.end(),
              [](const auto& a, const auto& b) { return a.answer.node < b.answer.node; });
    co_return result;
}

}  // namespace miroir::scatter
