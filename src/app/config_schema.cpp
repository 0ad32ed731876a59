#include "config_schema.hpp"

#include <algorithm>
#include <limits>

#include "config_key_kinds.hpp"
#include "config_values.hpp"
#include "miroir/base/seal.hpp"
#include "miroir/cluster/placement.hpp"

namespace miroir::app {
namespace {

std::string fault_of_address(const std::string& text) {
    const bool block = text.find('/') != std::string::npos;
    return is_address_block(text) && !block ? "" : "is not an IP address";
}

std::string fault_of_copies(const std::string& text) {
    if (text == "majority" || text == "all") return "";
    const auto number = parse_whole_number(text);
    return number && *number >= 1 && *number <= 1'000 ? ""
                                                      : "is not `majority`, `all` or a whole number from 1";
}

std::string fault_of_store_url(const std::string& text) {
    const auto scheme = text.substr(0, text.find("://"));
    const std::vector<std::string> known = {"sqlite", "postgres", "redis", "rediss"};
    const bool fits =
        scheme.size() < text.size() && std::find(known.begin(), known.end(), scheme) != known.end();
    return fits ? "" : "is not a URL of a store, such as sqlite://./data/miroir.db";
}

std::string fault_of_seal_key(const std::string& text) {
    return text.empty() || seal_key_from_base64(text) ? "" : "is not 32 bytes in base64";
}

ConfigKey seal_key_key() {
    auto key = text({"seal_key", "",
                     "Encrypts what is secret in the coordination store, such as the API keys of embedders. "
                     "Without it one is made and kept in the store itself, which `prod` refuses."},
                    "32 bytes in base64", fault_of_seal_key, [](auto& c) -> auto& { return c.seal_key; });
    key.secret = true;
    return key;
}

ConfigKey environment_key() {
    auto key = choice(
        {"environment", "dev", "`prod` turns warnings about dangerous settings into errors at the start."},
        {"dev", "prod"}, [](auto& c) -> auto& { return c.environment; });
    key.variables = {"MIROIR_ENV"};
    return key;
}

ConfigKey trusted_proxies_key() {
    auto key =
        key_of({"server.trusted_proxies", "[]",
                "Proxies whose X-Forwarded-For tells the client's address. In an environment variable or a "
                "flag, separated by commas."},
               "list of addresses and CIDR blocks");
    key.list = true;
    key.assign = [](Configuration& configuration, const std::string& text) -> std::string {
        auto blocks = parse_texts(text);
        if (!blocks || !std::all_of(blocks->begin(), blocks->end(), is_address_block)) {
            return "is not a list of addresses and CIDR blocks";
        }
        configuration.server.trusted_proxies = std::move(*blocks);
        return "";
    };
    key.print = [](const Configuration& c) { return print_texts(c.server.trusted_proxies); };
    return key;
}

ConfigKey nodes_key() {
    auto key = key_of(
        {"nodes", "[]",
         "The Meilisearch servers: id, url (http://host:port) and replica group (0 when left out). They "
         "seed the topology at the first start; at later starts new ids are added as `joining`: they hold no "
         "copies yet."},
        "list of `{id, url, group}`");
    key.list = true;
    key.assign = [](Configuration& configuration, const std::string& text) {
        std::string fault;
        auto nodes = parse_nodes(text, fault);
        if (fault.empty()) configuration.nodes = std::move(nodes);
        return fault;
    };
    key.print = [](const Configuration& c) { return print_nodes(c.nodes); };
    return key;
}

ConfigKey index_defaults_key() {
    auto key =
        key_of({"index_defaults", "[]",
                "Shards of new indexes by uid, `*` standing for any text; the first pattern that matches "
                "counts, placement.shards when none does."},
               "list of `{pattern, shards}`");
    key.list = true;
    key.assign = [](Configuration& configuration, const std::string& text) {
        std::string fault;
        auto defaults = parse_index_defaults(text, fault);
        if (fault.empty()) configuration.index_defaults = std::move(defaults);
        return fault;
    };
    key.print = [](const Configuration& c) { return print_index_defaults(c.index_defaults); };
    return key;
}

using Keys = std::vector<ConfigKey>;

Keys process_keys() {
    return {
        environment_key(),
        number({"max_replicas", "1",
                "How many miroir processes may run at once on one coordination store. SQLite serves one."},
               {1, 10'000}, [](auto& c) -> auto& { return c.max_replicas; }),
        secret("master_key", {"MEILI_MASTER_KEY"},
               "What Meilisearch calls the master key: opens every route of the public API, and the API "
               "keys' values "
               "are derived from it. Empty: no key is asked for.",
               [](auto& c) -> auto& { return c.master_key; }),
        secret("admin_key", {}, "Opens the admin API (`/_miroir/`). Empty: the master key does.",
               [](auto& c) -> auto& { return c.admin_key; }),
        secret("node_master_key", {}, "The master key of the nodes. Clients never see it.",
               [](auto& c) -> auto& { return c.node_master_key; }),
        seal_key_key(),
    };
}

Keys server_keys() {
    return {
        text({"server.address", "127.0.0.1", "Where clients are served; 0.0.0.0 for every interface."},
             "IP address", fault_of_address, [](auto& c) -> auto& { return c.server.address; }),
        number({"server.port", "7700", "0 lets the system choose."}, {0, 65'535},
               [](auto& c) -> auto& { return c.server.port; }),
        bytes({"server.max_body_bytes", "100MB",
               "Largest request body, after decompression; a larger one gets 413."},
              {1'024, 16ULL << 30U}, [](auto& c) -> auto& { return c.server.max_body_bytes; }),
        bytes({"server.max_header_bytes", "64KiB", "Largest head of a request; a larger one gets 431."},
              {1'024, 1ULL << 20U}, [](auto& c) -> auto& { return c.server.max_header_bytes; }),
        number({"server.max_connections", "10000", "Open client connections; more are closed at once."},
               {1, 1'000'000}, [](auto& c) -> auto& { return c.server.max_connections; }),
        number({"server.max_requests_in_flight", "1000", "Requests being answered; one more gets 503."},
               {1, 1'000'000}, [](auto& c) -> auto& { return c.server.max_requests_in_flight; }),
        duration({"server.idle_timeout_ms", "75000",
                  "How long a connection may wait for its next request before it is closed."},
                 {10, year_ms}, [](auto& c) -> auto& { return c.server.idle_timeout; }),
        duration({"server.header_timeout_ms", "10000",
                  "How long the head of a request may take to come; then the connection is closed."},
                 {10, year_ms}, [](auto& c) -> auto& { return c.server.header_timeout; }),
        duration({"server.body_timeout_ms", "30000",
                  "How long the next part of a body may take to come, and how long a client may take to read "
                  "more of its answer; then the connection is closed."},
                 {10, year_ms}, [](auto& c) -> auto& { return c.server.body_timeout; }),
        bytes(
            {"server.min_body_bytes_per_second", "16KiB",
             "A body that brings less than this on average in some server.body_timeout_ms is cut off; 0 for "
             "no such limit."},
            {0, 1ULL << 30U}, [](auto& c) -> auto& { return c.server.min_body_bytes_per_second; }),
        duration({"server.request_timeout_ms", "60000", "How long a request may take in all."},
                 {100, year_ms}, [](auto& c) -> auto& { return c.server.request_timeout; }),
        duration(
            {"server.drain_delay_ms", "1000",
             "After SIGTERM: how long the replica is unready and still accepts, so that balancers notice."},
            {0, 600'000}, [](auto& c) -> auto& { return c.server.drain_delay; }),
        duration({"server.drain_timeout_ms", "20000",
                  "After that: how long requests that are being answered may still take."},
                 {0, year_ms}, [](auto& c) -> auto& { return c.server.drain_timeout; }),
        trusted_proxies_key(),
        number({"server.io_threads", "0", "Threads that serve connections; 0 for one per core."}, {0, 1'024},
               [](auto& c) -> auto& { return c.server.io_threads; }),
        text({"metrics.address", "127.0.0.1", "Where /metrics is served, without a key."}, "IP address",
             fault_of_address, [](auto& c) -> auto& { return c.metrics.address; }),
        number({"metrics.port", "9090", "0 lets the system choose."}, {0, 65'535},
               [](auto& c) -> auto& { return c.metrics.port; }),
    };
}

Keys fleet_keys() {
    return {
        nodes_key(),
        number({"placement.replication_factor", "1",
                "Copies of each shard inside every replica group, at the first start."},
               {1, 100}, [](auto& c) -> auto& { return c.placement.replication_factor; }),
        number({"placement.shards", "16", "Shards of a new index; fixed once the index exists."},
               {1, cluster::index_shards_max}, [](auto& c) -> auto& { return c.placement.shards; }),
        index_defaults_key(),
        text({"coordination.url", "sqlite://./data/miroir.db",
              "The coordination store: sqlite:///path/miroir.db for one replica, "
              "postgres://user:password@host/database "
              "or redis://user:password@host:6379/0?prefix=name (rediss:// with TLS) for one or several."},
             "URL", fault_of_store_url, [](auto& c) -> auto& { return c.coordination.url; }),
        number({"coordination.connections", "8", "Connections of this replica to a store on a server."},
               {2, 256}, [](auto& c) -> auto& { return c.coordination.connections; }),
        duration(
            {"coordination.timeout_ms", "10000", "After which a step of a store on a server is given up."},
            {100, 600'000}, [](auto& c) -> auto& { return c.coordination.timeout; }),
        duration(
            {"coordination.poll_ms", "200",
             "How often a replica looks for what others have changed, and for what dead ones have left."},
            {10, 10'000}, [](auto& c) -> auto& { return c.coordination.poll; }),
        duration({"coordination.heartbeat_ms", "1000", "How often a replica tells the others that it lives."},
                 {10, 60'000}, [](auto& c) -> auto& { return c.coordination.heartbeat; }),
        duration(
            {"coordination.peer_ttl_ms", "5000",
             "A replica that was silent for so long is taken for dead: the others end what it has begun."},
            {50, 600'000}, [](auto& c) -> auto& { return c.coordination.peer_ttl; }),
        duration(
            {"auth.key_cache_s", "5",
             "How often API keys are compared with those in the store, besides whenever one is changed."},
            {1, 3'600}, [](auto& c) -> auto& { return c.auth.key_cache; }),
        duration({"auth.key_cache_offline_s", "300",
                  "How long API keys are still accepted while the store is away; then they get 503."},
                 {1, 86'400}, [](auto& c) -> auto& { return c.auth.key_cache_offline; }),
        number({"auth.keys_max", "10000", "API keys that may exist; one more gets 429."}, {1, 1'000'000},
               [](auto& c) -> auto& { return c.auth.keys_max; }),
        number({"idempotency.max_keys", "100000",
                "Requests with an Idempotency-Key that are remembered; the oldest go first."},
               {1, 10'000'000}, [](auto& c) -> auto& { return c.idempotency.max_keys; }),
        duration({"idempotency.keep_s", "86400", "How long such a request is answered as at the first time."},
                 {1, 31'536'000}, [](auto& c) -> auto& { return c.idempotency.keep; }),
        duration({"health.interval_ms", "5000", "Time between two probes of a node."}, {10, 3'600'000},
                 [](auto& c) -> auto& { return c.health.interval; }),
        duration({"health.timeout_ms", "2000", "How long a node may take to answer a probe."}, {10, 600'000},
                 [](auto& c) -> auto& { return c.health.timeout; }),
        number({"health.down_after", "3", "Failed probes in a row after which a node is down."}, {1, 100},
               [](auto& c) -> auto& { return c.health.down_after; }),
        number({"health.up_after", "2", "Answered probes in a row after which a node is up again."}, {1, 100},
               [](auto& c) -> auto& { return c.health.up_after; }),
        number({"breaker.failures", "3",
                "Requests that fail in a row (time-outs, 5xx) after which a node gets none; one that cannot "
                "be reached gets none at once."},
               {1, 1'000}, [](auto& c) -> auto& { return c.breaker.failures; }),
        duration({"breaker.open_ms", "2000",
                  "How often a node that gets no requests is probed, until it has answered health.up_after "
                  "times."},
                 {10, 600'000}, [](auto& c) -> auto& { return c.breaker.open; }),
    };
}

Keys write_keys() {
    return {
        text({"writes.wait_for_copies", "1",
              "Clean copies of every shard that must take a write before it is accepted; `majority` is more "
              "than half "
              "of the copies in one group."},
             "`majority`, `all` or a whole number from 1", fault_of_copies,
             [](auto& c) -> auto& { return c.writes.wait_for_copies; }),
        duration(
            {"writes.ack_timeout_s", "30",
             "How long a node may take to acknowledge a write before its copies count as having missed it."},
            {1, 3'600}, [](auto& c) -> auto& { return c.writes.ack_timeout; }),
        number({"writes.plan_attempts_max", "50",
                "How often a write is planned again because its index changed meanwhile; then it gets 503."},
               {1, 10'000}, [](auto& c) -> auto& { return c.writes.plan_attempts_max; }),
        bytes({"ingest.memory_bytes", "512MiB",
               "All request bodies that are being received or handled, together, but for those of up to 16 "
               "KiB; "
               "what goes beyond gets 503."},
              {1ULL << 20U, 1ULL << 44U}, [](auto& c) -> auto& { return c.ingest.memory_bytes; }),
        number(
            {"ingest.max_node_backlog", "100000", "Unfinished tasks of a node beyond which writes get 429."},
            {1, any_32}, [](auto& c) -> auto& { return c.ingest.max_node_backlog; }),
        bytes({"ingest.node_body_bytes_max", "90MB",
               "Largest body sent to a node; a larger write becomes several node tasks. Must stay below the "
               "nodes' own "
               "limit."},
              {1'024, 16ULL << 30U}, [](auto& c) -> auto& { return c.ingest.node_body_bytes_max; }),
    };
}

Keys background_keys() {
    return {
        choice({"settings.strategy", "parallel",
                "Whether a change of settings goes to all nodes at once or one by one."},
               {"parallel", "sequential"}, [](auto& c) -> auto& { return c.settings.strategy; }),
        number({"settings.max_repair_retries", "5",
                "How often a change that nodes report differently is sent again before writes to the index "
                "freeze."},
               {0, 100}, [](auto& c) -> auto& { return c.settings.max_repair_retries; }),
        duration({"settings.repair_pause_ms", "500",
                  "Time before it is sent again the first time; doubles each time."},
                 {10, 600'000}, [](auto& c) -> auto& { return c.settings.repair_pause; }),
        duration({"operations.node_timeout_ms", "30000",
                  "How long a node may take to answer one request of a change of indexes or settings, of a "
                  "repair or of a clean-up."},
                 {100, year_ms}, [](auto& c) -> auto& { return c.operations.node_timeout; }),
        duration({"repair.interval_ms", "1000",
                  "Time between two looks for copies to repair; a node that returns is looked at at once."},
                 {10, 3'600'000}, [](auto& c) -> auto& { return c.repair.interval; }),
        number({"repair.documents_per_request", "500", "Documents that repair reads or writes at a time."},
               {1, 10'000}, [](auto& c) -> auto& { return c.repair.documents_per_request; }),
        duration({"tasks.poll_ms", "100",
                  "Time between two looks at the tasks of a node that has unfinished ones."},
                 {10, 60'000}, [](auto& c) -> auto& { return c.tasks.poll; }),
        duration(
            {"tasks.request_timeout_ms", "5000", "How long a node may take to answer a look at its tasks."},
            {100, 600'000}, [](auto& c) -> auto& { return c.tasks.request_timeout; }),
        duration({"tasks.abandon_after_ms", "3000",
                  "How long a task waits for a node that is out of service; then it ends by what the other "
                  "copies say."},
                 {0, year_ms}, [](auto& c) -> auto& { return c.tasks.abandon_after; }),
        duration({"tasks.retention_days", "7", "How long finished tasks are kept."}, {1, 3'650},
                 [](auto& c) -> auto& { return c.tasks.retention; }),
        number({"tasks.keep_max", "1000000", "Finished tasks that are kept at most."}, {1'000, 100'000'000},
               [](auto& c) -> auto& { return c.tasks.keep_max; }),
        number({"tasks.lookup_scan_max", "1000",
                "How many of a node's newest tasks are searched for writes whose answer was lost."},
               {20, 100'000}, [](auto& c) -> auto& { return c.tasks.lookup_scan_max; }),
    };
}

Keys read_and_limit_keys() {
    return {
        choice(
            {"scatter.cover", "fewest",
             "Whether a search asks as few nodes as can answer it, or spreads over as many as hold copies."},
            {"fewest", "spread"}, [](auto& c) -> auto& { return c.scatter.cover; }),
        duration({"scatter.timeout_ms", "30000", "How long the nodes may take to answer a read."},
                 {10, year_ms}, [](auto& c) -> auto& { return c.scatter.timeout; }),
        duration({"scatter.attempt_timeout_ms", "5000",
                  "After this time a read asks another copy instead of waiting for a node, if there is one."},
                 {10, year_ms}, [](auto& c) -> auto& { return c.scatter.attempt_timeout; }),
        number({"scatter.facet_recount_max", "1000",
                "Values of one facet ordered by count that nodes count again when a list of them was cut."},
               {0, 10'000}, [](auto& c) -> auto& { return c.scatter.facet_recount_max; }),
        number(
            {"scatter.parts_from_hits", "100",
             "Searches that need so many hits or more (offset and limit) ask each node for its part of them "
             "and some slack first, and for all only when that was too few. 0: never."},
            {0, 1'000'000}, [](auto& c) -> auto& { return c.scatter.parts_from_hits; }),
        choice({"scatter.unavailable_shard_policy", "partial",
                "When no copy of a shard can be read: answer without it and say so in X-Miroir-Degraded, or "
                "503."},
               {"partial", "error"}, [](auto& c) -> auto& { return c.scatter.unavailable_shard_policy; }),
        number({"scatter.node_connections_max", "64", "Connections to one node, for each thread."},
               {1, 65'535}, [](auto& c) -> auto& { return c.scatter.node_connections_max; }),
        duration({"scatter.node_connect_timeout_ms", "1000", "How long connecting to a node may take."},
                 {10, 600'000}, [](auto& c) -> auto& { return c.scatter.node_connect_timeout; }),
        duration({"scatter.node_idle_timeout_ms", "4000",
                  "How long an unused connection to a node is kept; Meilisearch closes it after 5 seconds."},
                 {10, year_ms}, [](auto& c) -> auto& { return c.scatter.node_idle_timeout; }),
        bytes(
            {"scatter.node_answer_bytes_max", "1GB",
             "Largest answer of a node, after decompression; a larger one counts as a failure of the node."},
            {1ULL << 20U, 16ULL << 30U}, [](auto& c) -> auto& { return c.scatter.node_answer_bytes_max; }),
        number({"limits.open_entries_max", "10000",
                "Writes that are under way in the journal; one more gets 429."},
               {1, 10'000'000}, [](auto& c) -> auto& { return c.limits.open_entries_max; }),
        number(
            {"limits.dirty_ids_max", "2000000",
             "Ids of documents in unfinished writes that are remembered, so that a copy that missed one is "
             "repaired by them; beyond it the whole copy is compared."},
            {1, 100'000'000}, [](auto& c) -> auto& { return c.limits.dirty_ids_max; }),
        number({"limits.log_queue_lines_max", "8192",
                "Log lines that wait for a slow output; beyond it the oldest are dropped and counted."},
               {16, 10'000'000}, [](auto& c) -> auto& { return c.limits.log_queue_lines_max; }),
        choice({"log.level", "info", "The least level that is logged."}, {"debug", "info", "warn", "error"},
               [](auto& c) -> auto& { return c.log.level; }),
        choice({"log.format", "json", "`json` for machines, `text` for people."}, {"json", "text"},
               [](auto& c) -> auto& { return c.log.format; }),
    };
}

}  // namespace

const std::vector<ConfigKey>& config_schema() {
    static const auto schema = [] {
        Keys all;
        for (auto keys : {process_keys(), server_keys(), fleet_keys(), write_keys(), background_keys(),
                          read_and_limit_keys()}) {
            all.insert(all.end(), keys.begin(), keys.end());
        }
        return all;
    }();
    return schema;
}

std::string section_of(const std::string& path) {
    const auto dot = path.find('.');
    return dot == std::string::npos ? "" : path.substr(0, dot);
}

}  // namespace miroir::app
