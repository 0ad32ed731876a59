#include <unistd.h>

#include <cstdlib>
#include <iostream>

#include "application.hpp"
#include "commands.hpp"
#include "signals.hpp"

namespace miroir::app {

namespace {

// The configuration, or nothing after every error was printed.
std::optional<Configuration> read_configuration(const std::vector<std::string>& arguments) {
    const auto complain = [](const ConfigErrors& errors) {
        for (const auto& error : errors) {
            std::cerr << "miroir: " << error << "\n";
        }
    };
    auto sources = gather_sources(arguments, environ);
    if (const auto* errors = std::get_if<ConfigErrors>(&sources)) {
        complain(*errors);
        return std::nullopt;
    }
    auto loaded = load(std::get<ConfigSources>(sources));
    if (const auto* errors = std::get_if<ConfigErrors>(&loaded)) {
        complain(*errors);
        return std::nullopt;
    }
    auto configuration = std::move(std::get<Configuration>(loaded));
    const auto findings = check(configuration);
    for (const auto& warning : findings.warnings) {
        std::cerr << "miroir: warning: " << warning << "\n";
    }
    complain(findings.errors);
    return findings.errors.empty() ? std::optional(std::move(configuration)) : std::nullopt;
}

}  // namespace

int serve(const std::vector<std::string>& arguments) {
    block_stop_signals();
    auto configuration = read_configuration(arguments);
    if (!configuration) {
        return 2;
    }
    telemetry::LogOptions log_options;
    log_options.level = configuration->log.level;
    log_options.format = configuration->log.format;
    log_options.queue_lines_max = configuration->limits.log_queue_lines_max;
    const auto* pod = std::getenv("POD_NAME");
    log_options.pod_id = pod != nullptr ? pod : "";
    telemetry::PrometheusMetrics metrics({version, "unknown"});
    telemetry::ProcessLog log(log_options, std::cerr, metrics);
    const auto drain_timeout = configuration->server.drain_timeout;
    Application application(std::move(*configuration), log, metrics);
    application.start();
    std::cout << "{\"port\":" << application.port() << ",\"metricsPort\":" << application.metrics_port()
              << "}" << std::endl;
    wait_for_stop_signal();
    log.info("stopping");
    application.stop(drain_timeout);
    return 0;
}

int check_config(const std::vector<std::string>& arguments) {
    const auto configuration = read_configuration(arguments);
    if (!configuration) {
        return 2;
    }
    for (const auto& [key, value] : effective_values(*configuration)) {
        std::cout << key << ": " << value << "\n";
    }
    return 0;
}

}  // namespace miroir::app
