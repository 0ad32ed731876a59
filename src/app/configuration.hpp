#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "miroir/base/log.hpp"
#include "miroir/cluster/cover.hpp"
#include "miroir/cluster/index_defaults.hpp"
#include "miroir/telemetry/process_log.hpp"

namespace miroir::app {

enum class Environment { dev, prod };
enum class UnavailableShardPolicy { partial, error };
enum class SettingsStrategy { parallel, sequential };

struct NodeEntry {
    std::string id;
    std::string url;  // http://host:port
    std::uint32_t group = 0;
    friend bool operator==(const NodeEntry&, const NodeEntry&) = default;
};

using cluster::IndexDefault;

// Every setting of a miroir process. The defaults are those of the schema: make one with load(). Keys that
// are not set are empty.
struct Configuration {
    struct Server {
        std::string address;
        std::uint16_t port = 0;
        std::uint64_t max_body_bytes = 0;
        std::uint64_t max_header_bytes = 0;
        std::uint32_t max_connections = 0;
        std::uint32_t max_requests_in_flight = 0;
        std::chrono::milliseconds idle_timeout{};
        std::chrono::milliseconds header_timeout{};
        std::chrono::milliseconds body_timeout{};
        std::uint64_t min_body_bytes_per_second = 0;
        std::chrono::milliseconds request_timeout{};
        std::chrono::milliseconds drain_delay{};
        std::chrono::milliseconds drain_timeout{};
        std::vector<std::string> trusted_proxies;  // addresses and CIDR blocks
        std::uint32_t io_threads = 0;              // 0: one per core
        friend bool operator==(const Server&, const Server&) = default;
    };
    struct Metrics {
        std::string address;
        std::uint16_t port = 0;
        friend bool operator==(const Metrics&, const Metrics&) = default;
    };
    struct Placement {
        std::uint32_t replication_factor = 0;
        std::uint32_t shards = 0;
        friend bool operator==(const Placement&, const Placement&) = default;
    };
    struct Coordination {
        std::string url;
        std::uint64_t connections = 0;
        std::chrono::milliseconds timeout{};
        std::chrono::milliseconds poll{};
        std::chrono::milliseconds heartbeat{};
        std::chrono::milliseconds peer_ttl{};
        friend bool operator==(const Coordination&, const Coordination&) = default;
    };
    struct Auth {
        std::chrono::seconds key_cache{};
        std::chrono::seconds key_cache_offline{};
        std::uint32_t keys_max = 0;
        friend bool operator==(const Auth&, const Auth&) = default;
    };
    struct Idempotency {
        std::uint32_t max_keys = 0;
        std::chrono::seconds keep{};
        friend bool operator==(const Idempotency&, const Idempotency&) = default;
    };
    struct Writes {
        std::string wait_for_copies;  // "majority", "all" or a whole number from 1
        std::chrono::seconds ack_timeout{};
        std::uint32_t plan_attempts_max = 0;
        friend bool operator==(const Writes&, const Writes&) = default;
    };
    struct Ingest {
        std::uint64_t memory_bytes = 0;
        std::uint32_t max_node_backlog = 0;
        std::uint64_t node_body_bytes_max = 0;
        friend bool operator==(const Ingest&, const Ingest&) = default;
    };
    struct Scatter {
        cluster::CoverPreference cover = cluster::CoverPreference::fewest;
        std::chrono::milliseconds timeout{};
        std::chrono::milliseconds attempt_timeout{};
        std::uint32_t facet_recount_max = 0;
        std::uint32_t parts_from_hits = 0;
        UnavailableShardPolicy unavailable_shard_policy = UnavailableShardPolicy::partial;
        std::uint32_t node_connections_max = 0;  // per I/O thread and node
        std::chrono::milliseconds node_connect_timeout{};
        std::chrono::milliseconds node_idle_timeout{};
        std::uint64_t node_answer_bytes_max = 0;
        friend bool operator==(const Scatter&, const Scatter&) = default;
    };
    struct Health {
        std::chrono::milliseconds interval{};
        std::chrono::milliseconds timeout{};
        std::uint32_t down_after = 0;
        std::uint32_t up_after = 0;
        friend bool operator==(const Health&, const Health&) = default;
    };
    struct Breaker {
        std::uint32_t failures = 0;
        std::chrono::milliseconds open{};
        friend bool operator==(const Breaker&, const Breaker&) = default;
    };
    struct Tasks {
        std::chrono::milliseconds poll{};
        std::chrono::milliseconds request_timeout{};
        std::chrono::milliseconds abandon_after{};
        std::chrono::days retention{};
        std::uint32_t keep_max = 0;
        std::uint32_t lookup_scan_max = 0;
        friend bool operator==(const Tasks&, const Tasks&) = default;
    };
    struct Settings {
        SettingsStrategy strategy = SettingsStrategy::parallel;
        std::uint32_t max_repair_retries = 0;
        std::chrono::milliseconds repair_pause{};
        friend bool operator==(const Settings&, const Settings&) = default;
    };
    struct Operations {
        std::chrono::milliseconds node_timeout{};
        friend bool operator==(const Operations&, const Operations&) = default;
    };
    struct Repair {
        std::chrono::milliseconds interval{};
        std::uint32_t documents_per_request = 0;
        friend bool operator==(const Repair&, const Repair&) = default;
    };
    struct Limits {
        std::uint32_t open_entries_max = 0;
        std::uint32_t dirty_ids_max = 0;
        std::uint32_t log_queue_lines_max = 0;
        friend bool operator==(const Limits&, const Limits&) = default;
    };
    struct Logging {
        LogLevel level = LogLevel::info;
        telemetry::LogFormat format = telemetry::LogFormat::json;
        friend bool operator==(const Logging&, const Logging&) = default;
    };

    Environment environment = Environment::dev;
    std::uint32_t max_replicas = 0;
    std::string master_key;
    std::string admin_key;
    std::string node_master_key;
    std::string seal_key;  // 32 bytes in base64; empty: one is kept in the store
    Server server;
    Metrics metrics;
    std::vector<NodeEntry> nodes;
    Placement placement;
    std::vector<IndexDefault> index_defaults;
    Coordination coordination;
    Auth auth;
    Idempotency idempotency;
    Writes writes;
    Ingest ingest;
    Scatter scatter;
    Health health;
    Breaker breaker;
    Tasks tasks;
    Settings settings;
    Operations operations;
    Repair repair;
    Limits limits;
    Logging log;

    friend bool operator==(const Configuration&, const Configuration&) = default;
};

// Where values come from; a later one wins: defaults, file, environment, flags.
struct ConfigSources {
    std::string file_name;
    std::optional<std::string> file_text;  // YAML
    std::vector<std::pair<std::string, std::string>> environment;
    // "--server.port", "7700" or "--server.port=7700"; '-' and '_' do as well as '.'.
    std::vector<std::string> flags;
};

// One line each, naming the key and where its value came from. Never holds a secret's value.
using ConfigErrors = std::vector<std::string>;

// Reads the file that `--config FILE` among the flags or MIROIR_CONFIG names, if any, and takes that flag
// out.
std::variant<ConfigSources, ConfigErrors> gather_sources(std::vector<std::string> flags,
                                                         const char* const* environment);

// Every error at once, not only the first.
std::variant<Configuration, ConfigErrors> load(const ConfigSources& sources);

struct Findings {
    std::vector<std::string> errors;  // the start must be refused
    std::vector<std::string> warnings;
};

// What fits together badly. What is dangerous in production is an error in `prod`, a warning in `dev`.
Findings check(const Configuration& configuration);

// Every key with its value in the schema's order; secrets, also inside URLs, as asterisks.
std::vector<std::pair<std::string, std::string>> effective_values(const Configuration& configuration);

}  // namespace miroir::app
