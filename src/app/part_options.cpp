#include "part_options.hpp"

#include <thread>

#include "commands.hpp"
#include "miroir/api/endpoints.hpp"
#include "miroir/base/hash.hpp"
#include "miroir/meili/settings.hpp"

namespace miroir::app {

using std::chrono::milliseconds;

std::size_t io_thread_count(const Configuration& c) {
    return c.server.io_threads != 0 ? c.server.io_threads : std::max(1U, std::thread::hardware_concurrency());
}

nodes::NodeClientOptions node_options(const Configuration& c) {
    nodes::NodeClientOptions options;
    options.node_key = c.node_master_key;
    options.http.connections_per_thread_max = c.scatter.node_connections_max;
    options.http.connect_timeout = c.scatter.node_connect_timeout;
    options.http.idle_timeout = c.scatter.node_idle_timeout;
    options.http.response_bytes_max = c.scatter.node_answer_bytes_max;
    options.breaker.failures_max = c.breaker.failures;
    options.breaker.open_for = c.breaker.open;
    return options;
}

membership::HealthOptions health_options(const Configuration& c) {
    membership::HealthOptions options;
    options.interval = c.health.interval;
    options.timeout = c.health.timeout;
    options.down_after = c.health.down_after;
    options.up_after = c.health.up_after;
    options.return_interval = c.breaker.open;
    return options;
}

tasks::PollerOptions poller_options(const Configuration& c) {
    tasks::PollerOptions options;
    options.interval_max = std::max(c.tasks.poll, milliseconds(20));
    options.request_timeout = c.tasks.request_timeout;
    options.abandon_after = c.tasks.abandon_after;
    options.retention = std::chrono::duration_cast<milliseconds>(c.tasks.retention);
    options.keep_max = c.tasks.keep_max;
    options.lookup_scan_max = c.tasks.lookup_scan_max;
    return options;
}

// Another one at each start: what a process has left is not its successor's unless it takes it over.
membership::PeerOptions peer_options(const Configuration& c) {
    membership::PeerOptions options;
    options.self = ReplicaId("replica-" + random_hex(6));
    options.version = version;
    options.ttl = c.coordination.peer_ttl;
    options.heartbeat = c.coordination.heartbeat;
    return options;
}

operations::TakeOverOptions take_over_options(const Configuration& c) {
    operations::TakeOverOptions options;
    options.interval = c.coordination.poll;
    options.settle = c.coordination.peer_ttl;
    return options;
}

auth::KeyOptions key_options(const Configuration& c) {
    auth::KeyOptions options;
    options.master_key = c.master_key;
    options.refresh = c.auth.key_cache;
    options.offline_max = c.auth.key_cache_offline;
    return options;
}

writes::WriterOptions writer_options(const Configuration& c) {
    writes::WriterOptions options;
    options.wait_for_copies = c.writes.wait_for_copies;
    options.ack_timeout = std::chrono::duration_cast<milliseconds>(c.writes.ack_timeout);
    options.node_backlog_max = c.ingest.max_node_backlog;
    options.node_body_bytes_max = c.ingest.node_body_bytes_max;
    options.remembered_ids_max = c.limits.dirty_ids_max;
    options.plan_attempts_max = c.writes.plan_attempts_max;
    return options;
}

operations::RepairOptions repair_options(const Configuration& c) {
    operations::RepairOptions options;
    options.interval = c.repair.interval;
    options.documents_per_request = c.repair.documents_per_request;
    options.node_timeout = c.operations.node_timeout;
    return options;
}

operations::OrphanOptions orphan_options(const Configuration& c) {
    operations::OrphanOptions options;
    options.node_timeout = c.operations.node_timeout;
    return options;
}

api::SearchOptions search_options(const Configuration& c) {
    api::SearchOptions options;
    options.cover = c.scatter.cover;
    options.partial_allowed = c.scatter.unavailable_shard_policy == UnavailableShardPolicy::partial;
    options.timeout = c.scatter.timeout;
    options.node_values_per_facet = meili::node_facet_values_min;
    options.facet_recount_max = c.scatter.facet_recount_max;
    options.parts_from_hits = c.scatter.parts_from_hits;
    return options;
}

http::ServerOptions server_options(const Configuration& c) {
    http::ServerOptions options;
    options.address = c.server.address;
    options.port = c.server.port;
    options.limits.body_bytes_max = c.server.max_body_bytes;
    options.limits.body_memory_bytes_max = c.ingest.memory_bytes;
    options.limits.header_bytes_max = c.server.max_header_bytes;
    options.limits.connections_max = c.server.max_connections;
    options.limits.requests_in_flight_max = c.server.max_requests_in_flight;
    options.limits.idle_timeout = c.server.idle_timeout;
    options.limits.header_timeout = c.server.header_timeout;
    options.limits.body_timeout = c.server.body_timeout;
    options.limits.body_bytes_per_second_min = c.server.min_body_bytes_per_second;
    options.limits.request_timeout = c.server.request_timeout;
    options.trusted_proxies = c.server.trusted_proxies;
    options.may_be_abandoned = api::is_read;
    return options;
}

}  // namespace miroir::app
