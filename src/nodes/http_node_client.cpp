#include "miroir/nodes/http_node_client.hpp"

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <shared_mutex>

namespace miroir::nodes {

struct HttpNodeClient::Peer {
    Peer(NodeId node, std::string address, const NodeClientOptions& options, const Clock& clock,
         Metrics& metrics)
        : id(std::move(node)),
          url(std::move(address)),
          breaker(options.breaker, clock),
          client(http::make_client(url, options.http)),
          requests(metrics.counter("miroir_node_requests_total", "Requests sent to a node.",
                                   {{"node", id.str()}})),
          failures(metrics.counter("miroir_node_failures_total",
                                   "Requests that a node did not answer properly.", {{"node", id.str()}})),
          seconds(metrics.histogram("miroir_node_request_seconds", "Time a node took to answer.",
                                    {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5},
                                    {{"node", id.str()}})) {}

    const NodeId id;
    const std::string url;
    CircuitBreaker breaker;
    std::unique_ptr<http::Client> client;
    Counter& requests;
    Counter& failures;
    Histogram& seconds;
    std::atomic<std::int64_t> newest_task{-1};
    std::atomic<bool> went_backwards{false};
};

struct HttpNodeClient::Peers {
    mutable std::shared_mutex mutex;
    std::map<NodeId, std::shared_ptr<Peer>> by_id;
};

namespace {

FailureKind kind_of(http::ExchangeFault fault) {
    switch (fault) {
        case http::ExchangeFault::not_connected:
            return FailureKind::not_connected;
        case http::ExchangeFault::interrupted:
            return FailureKind::interrupted;
        case http::ExchangeFault::timed_out:
            return FailureKind::timed_out;
        case http::ExchangeFault::malformed:
            break;
    }
    return FailureKind::bad_answer;
}

bool looks_like_json(const std::string& body) {
    const auto first = body.find_first_not_of(" \t\r\n");
    return first != std::string::npos &&
           (body[first] == '{' || body[first] == '[' || body[first] == '"' || body[first] == 'n' ||
            body[first] == 't' || body[first] == 'f' || (body[first] >= '0' && body[first] <= '9'));
}

NodeReply judge(const NodeId& node, http::Response response) {
    if (response.status == 401 || response.status == 403) {
        return NodeFailure{node, FailureKind::lost_access, "status " + std::to_string(response.status)};
    }
    if (response.status == 408 || response.status == 429 || response.status == 503) {
        return NodeFailure{node, FailureKind::overloaded, "status " + std::to_string(response.status)};
    }
    if (response.status >= 500 || response.status < 200 ||
        (response.status >= 300 && response.status < 400)) {
        return NodeFailure{node, FailureKind::bad_answer, "status " + std::to_string(response.status)};
    }
    if (response.status != 204 && !looks_like_json(response.body)) {
        return NodeFailure{node, FailureKind::bad_answer, "the body is not JSON"};
    }
    return NodeAnswer{node, response.status, std::move(response.body)};
}

}  // namespace

HttpNodeClient::HttpNodeClient(NodeClientOptions options, const Clock& clock, Metrics& metrics)
    : options_(std::move(options)), clock_(clock), metrics_(metrics), peers_(std::make_unique<Peers>()) {}

HttpNodeClient::~HttpNodeClient() = default;

void HttpNodeClient::set_topology(const cluster::Topology& topology) {
    const std::unique_lock lock(peers_->mutex);
    for (const auto& node : topology.nodes) {
        auto& peer = peers_->by_id[node.id];
        if (!peer || peer->url != node.url) {
            peer = std::make_shared<Peer>(node.id, node.url, options_, clock_, metrics_);
            peer->breaker.hold_open();
        }
    }
}

std::shared_ptr<HttpNodeClient::Peer> HttpNodeClient::find(const NodeId& node) const {
    const std::shared_lock lock(peers_->mutex);
    const auto found = peers_->by_id.find(node);
    return found == peers_->by_id.end() ? nullptr : found->second;
}

bool HttpNodeClient::usable(const NodeId& node) const {
    const auto peer = find(node);
    return peer && !peer->breaker.is_open();
}

void HttpNodeClient::exclude(const NodeId& node) {
    if (const auto peer = find(node)) {
        peer->breaker.hold_open();
    }
}

void HttpNodeClient::admit(const NodeId& node) {
    if (const auto peer = find(node)) {
        peer->breaker.close();
    }
}

std::int64_t HttpNodeClient::newest_task(const NodeId& node) const {
    const auto peer = find(node);
    return peer ? peer->newest_task.load() : -1;
}

void HttpNodeClient::forget_tasks(const NodeId& node) {
    if (const auto peer = find(node)) {
        peer->newest_task = -1;
        peer->went_backwards = false;
    }
}

bool HttpNodeClient::went_backwards(const NodeId& node) const {
    const auto peer = find(node);
    return peer && peer->went_backwards;
}

// `known`: the highest uid before the request was sent.
bool HttpNodeClient::goes_backwards(Peer& peer, std::int64_t known, const NodeReply& reply) {
    const auto* answer = std::get_if<NodeAnswer>(&reply);
    const bool took = answer != nullptr && answer->status == 202;
    const auto uid = took ? task_uid_of(*answer) : std::nullopt;
    if (!uid) {
        return false;
    }
    const std::int64_t task = *uid;
    auto newest = peer.newest_task.load();
    while (newest < task && !peer.newest_task.compare_exchange_weak(newest, task)) {
    }
    if (task <= known) {
        peer.went_backwards = true;
    }
    return task <= known;
}

Async<NodeReply> HttpNodeClient::send(NodeId node, NodeRequest request, Deadline deadline) {
    const auto peer = find(node);
    if (!peer || peer->breaker.is_open()) {
        co_return NodeFailure{node, FailureKind::breaker_open, "left out"};
    }
    const bool changes = request.method != http::Method::get;
    const auto known = peer->newest_task.load();
    auto reply = co_await exchange(peer, std::move(request), deadline);
    if (changes && goes_backwards(*peer, known, reply)) {
        peer->breaker.hold_open();
        reply = NodeFailure{node, FailureKind::bad_answer, "its task uids went backwards"};
    }
    const auto* failure = std::get_if<NodeFailure>(&reply);
    if (failure == nullptr || failure->kind == FailureKind::overloaded) {
        peer->breaker.succeeded();
        co_return reply;
    }
    peer->failures.add();
    const bool certain = failure->kind == FailureKind::not_connected ||
                         failure->kind == FailureKind::interrupted ||
                         failure->kind == FailureKind::lost_access;
    peer->breaker.failed(certain);
    if (peer->breaker.is_open()) {
        peer->breaker.hold_open();
    }
    co_return reply;
}

Async<NodeReply> HttpNodeClient::probe(NodeId node, NodeRequest request, Deadline deadline) {
    const auto peer = find(node);
    if (!peer) {
        co_return NodeFailure{node, FailureKind::breaker_open, "unknown node"};
    }
    auto reply = co_await exchange(peer, std::move(request), deadline);
    co_return reply;
}

Async<NodeReply> HttpNodeClient::exchange(std::shared_ptr<Peer> peer, NodeRequest request,
                                          Deadline deadline) {
    http::OutgoingRequest outgoing;
    outgoing.method = request.method;
    outgoing.target = std::move(request.target);
    outgoing.body = std::move(request.body);
    outgoing.source = std::move(request.source);
    outgoing.repeatable = request.repeatable;
    if (!options_.node_key.empty()) {
        outgoing.headers.emplace_back("authorization", "Bearer " + options_.node_key);
    }
    if (!request.content_type.empty()) {
        outgoing.headers.emplace_back("content-type", std::move(request.content_type));
    }
    if (!request.request_id.empty()) {
        outgoing.headers.emplace_back("x-request-id", std::move(request.request_id));
    }
    peer->requests.add();
    const auto begun = clock_.steady();
    auto result = co_await peer->client->exchange(std::move(outgoing), deadline);
    peer->seconds.observe(std::chrono::duration<double>(clock_.steady() - begun).count());
    if (auto* failure = std::get_if<http::ExchangeFailure>(&result)) {
        co_return NodeFailure{peer->id, kind_of(failure->fault), std::move(failure->detail)};
    }
    auto reply = judge(peer->id, std::move(std::get<http::Response>(result)));
    co_return reply;
}

}  // namespace miroir::nodes
