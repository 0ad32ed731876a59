#include <fcntl.h>
#include <unistd.h>

#include <CLI/Option.hpp>
#include <CLI/Validators.hpp>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <system_error>
#include <variant>

#include "application.hpp"
#include "child_processes.hpp"
#include "command_line.hpp"
#include "commands.hpp"
#include "folder_lock.hpp"
#include "miroir/base/hash.hpp"
#include "miroir/cluster/placement.hpp"
#include "signals.hpp"

namespace miroir::app {

namespace {

using nlohmann::ordered_json;
namespace fs = std::filesystem;

struct DevOptions {
    std::uint64_t nodes = 3;
    std::uint64_t replication_factor = 2;
    std::uint64_t shards = 16;
    std::string data = "./data/dev";
    std::vector<std::string> others;  // configuration flags
};

// The options, or the exit code to end with.
std::variant<DevOptions, int> parse(const std::vector<std::string>& arguments) {
    DevOptions options;
    std::optional<std::uint16_t> port;
    CLI::App command(
        "A whole local cluster in one command: miroir over nodes that it starts itself.\n"
        "Any key of the configuration may follow as --KEY VALUE.",
        "miroir dev");
    command.add_option("--nodes", options.nodes, "how many nodes")
        ->check(CLI::Range(1, 1024))
        ->capture_default_str();
    command.add_option("--replication-factor", options.replication_factor, "copies of every shard")
        ->check(CLI::Range(1, 1024))
        ->capture_default_str();
    command.add_option("--shards", options.shards, "shards of a new index")
        ->check(CLI::Range(std::uint32_t{1}, cluster::index_shards_max))
        ->capture_default_str();
    command.add_option("--data", options.data, "folder of all data, made when missing")
        ->capture_default_str();
    command.add_option("--port", port, "where clients connect (default 7700)")->check(CLI::Range(0, 65'535));
    const auto split = take_configuration_keys(command, arguments);
    if (const auto exit_code = read_arguments(command, split.own)) {
        return *exit_code;
    }
    options.others = split.configuration;
    if (port) {
        options.others.insert(options.others.end(), {"--server.port", std::to_string(*port)});
    }
    if (options.replication_factor > options.nodes) {
        std::cerr << "miroir dev: --replication-factor cannot be larger than --nodes\n";
        return 2;
    }
    return options;
}

// The real engine, when there is one.
std::optional<std::string> find_meilisearch() {
    if (const auto* named = std::getenv("MEILISEARCH_BIN"); named != nullptr && *named != '\0') {
        if (access(named, X_OK) != 0) {
            throw std::runtime_error(std::string("MEILISEARCH_BIN names no program: ") + named);
        }
        return std::string(named);
    }
    const auto* path = std::getenv("PATH");
    std::istringstream folders(path == nullptr ? "" : path);
    for (std::string folder; std::getline(folders, folder, ':');) {
        const auto candidate = folder + "/meilisearch";
        if (access(candidate.c_str(), X_OK) == 0) {
            return candidate;
        }
    }
    return std::nullopt;
}

// A secret that is made once and kept beside the data, readable by its owner only.
std::string kept_secret(const fs::path& file) {
    std::ifstream existing(file);
    std::string secret;
    if (std::getline(existing, secret) && !secret.empty()) {
        return secret;
    }
    secret = random_hex(16);
    const int made = open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (made < 0) {
        throw std::system_error(errno, std::generic_category(), file.string());
    }
    close(made);
    std::ofstream(file) << secret << "\n";
    return secret;
}

const fs::path& made(const fs::path& folder) {
    fs::create_directories(folder);
    return folder;
}

struct DevNodeProcess {
    std::string id;
    std::uint16_t port = 0;
    pid_t pid = -1;
    std::chrono::steady_clock::time_point died{};
};

class DevCluster {
public:
    DevCluster(DevOptions options, std::string program)
        : options_(std::move(options)),
          program_(std::move(program)),
          data_(fs::absolute(options_.data)),
          lock_(made(data_)) {
        node_key_ = kept_secret(data_ / "node.key");
        engine_ = find_meilisearch();
        for (std::uint64_t i = 1; i <= options_.nodes; ++i) {
            nodes_.push_back({"node-" + std::to_string(i), free_port(), -1, {}});
        }
    }
    ~DevCluster() {
        std::vector<pid_t> running;
        for (const auto& node : nodes_) {
            if (node.pid > 0) {
                running.push_back(node.pid);
            }
        }
        end_processes(running);
    }
    DevCluster(DevCluster&&) = delete;

    void start() {
        std::cerr << (engine_ ? "nodes: " + *engine_
                              : std::string(
                                    "nodes: built-in dev nodes; their relevance differs from Meilisearch's"))
                  << "\n";
        for (auto& node : nodes_) {
            start_node(node);
        }
        write_processes();
    }

    // Restarts nodes ten seconds after they died.
    void look_after() {
        for (auto& node : nodes_) {
            const auto now = std::chrono::steady_clock::now();
            if (node.pid > 0 && has_ended(node.pid)) {
                std::cerr << node.id << " died; it is started again in 10 seconds\n";
                node.pid = -1;
                node.died = now;
                write_processes();
            } else if (node.pid < 0 && now - node.died >= std::chrono::seconds(10)) {
                start_node(node);
                write_processes();
            }
        }
    }

    std::vector<std::string> flags() const {
        std::string list = "[";
        for (const auto& node : nodes_) {
            list += (list.size() > 1 ? ", " : "") + ("{id: " + node.id + ", url: 'http://127.0.0.1:") +
                    std::to_string(node.port) + "'}";
        }
        std::vector<std::string> all{"--nodes",
                                     list + "]",
                                     "--node_master_key",
                                     node_key_,
                                     "--placement.replication_factor",
                                     std::to_string(options_.replication_factor),
                                     "--placement.shards",
                                     std::to_string(options_.shards),
                                     "--coordination.url",
                                     "sqlite://" + (data_ / "miroir.db").string(),
                                     "--health.interval_ms",
                                     "1000",
                                     "--server.drain_delay_ms",
                                     "0"};
        all.insert(all.end(), options_.others.begin(), options_.others.end());
        return all;
    }

private:
    void start_node(DevNodeProcess& node) {
        const auto folder = (data_ / node.id).string();
        const auto port = std::to_string(node.port);
        std::vector<std::string> command{program_, "dev-node", "--port", port, "--data", folder};
        if (engine_) {
            command = {*engine_,          "--db-path",         folder,
                       "--http-addr",     "127.0.0.1:" + port, "--no-analytics",
                       "--env",           "production",        "--dump-dir",
                       folder + "-dumps", "--snapshot-dir",    folder + "-snapshots"};
        }
        node.pid = start_process(command, folder + ".log", {{"MEILI_MASTER_KEY", node_key_}});
    }

    void write_processes() const {
        auto list = ordered_json::array();
        for (const auto& node : nodes_) {
            list.push_back(ordered_json{{"id", node.id},
                                        {"pid", node.pid},
                                        {"port", node.port},
                                        {"url", "http://127.0.0.1:" + std::to_string(node.port)}});
        }
        const ordered_json all{{"miroir", getpid()}, {"nodes", std::move(list)}};
        const auto file = data_ / "processes.json";
        std::ofstream(file.string() + ".new") << all.dump(2) << "\n";
        fs::rename(file.string() + ".new", file);
    }

    DevOptions options_;
    std::string program_;
    fs::path data_;
    FolderLock lock_;
    std::string node_key_;
    std::optional<std::string> engine_;
    std::vector<DevNodeProcess> nodes_;
};

}  // namespace

int dev(const std::vector<std::string>& arguments, const std::string& program) {
    block_stop_signals();
    auto self = fs::read_symlink(program).string();
    auto parsed = parse(arguments);
    if (const auto* exit_code = std::get_if<int>(&parsed)) {
        return *exit_code;
    }
    DevCluster cluster(std::move(std::get<DevOptions>(parsed)), std::move(self));
    auto gathered = gather_sources(cluster.flags(), environ);
    ConfigErrors errors;
    std::variant<Configuration, ConfigErrors> loaded;
    if (auto* sources = std::get_if<ConfigSources>(&gathered)) {
        loaded = load(*sources);
    } else {
        loaded = std::get<ConfigErrors>(gathered);
    }
    if (const auto* wrong = std::get_if<ConfigErrors>(&loaded)) {
        for (const auto& error : *wrong) {
            std::cerr << "miroir: " << error << "\n";
        }
        return 2;
    }
    auto& configuration = std::get<Configuration>(loaded);
    const auto findings = check(configuration);
    for (const auto& error : findings.errors) {
        std::cerr << "miroir: " << error << "\n";
    }
    if (!findings.errors.empty()) {
        return 2;
    }
    cluster.start();
    telemetry::LogOptions log_options;
    log_options.level = configuration.log.level;
    log_options.format = configuration.log.format;
    telemetry::ProcessLog log(log_options, std::cerr);
    telemetry::PrometheusMetrics metrics({version, "unknown"});
    Application application(configuration, log, metrics);
    application.start();
    std::cout << "{\"port\":" << application.port() << ",\"metricsPort\":" << application.metrics_port()
              << "}" << std::endl;
    while (!wait_for_stop_signal(std::chrono::milliseconds(500))) {
        cluster.look_after();
    }
    application.stop(configuration.server.drain_timeout);
    return 0;
}

}  // namespace miroir::app
