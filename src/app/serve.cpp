#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <variant>

#include "application.hpp"
#include "commands.hpp"
#include "signals.hpp"

namespace miroir::app {

namespace {

constexpr const char* configuration_help =
    "The configuration is read from FILE, then MIROIR_* variables, then --KEY VALUE; a later one wins.\n"
    "The keys are those of docs/configuration.md, such as --server.port 7700.\n";

// The configuration, or the exit code to end with: help or every error was printed.
std::variant<Configuration, int> read_configuration(const std::string& command,
                                                    const std::vector<std::string>& arguments) {
    if (std::any_of(arguments.begin(), arguments.end(),
                    [](const std::string& one) { return one == "--help" || one == "-h"; })) {
        std::cout << "Usage: miroir " << command << " [--config FILE] [--KEY VALUE ...]\n\n"
                  << configuration_help;
        return 0;
    }
    const auto complain = [](const ConfigErrors& errors) {
        for (const auto& error : errors) {
            std::cerr << "miroir: " << error << "\n";
        }
    };
    auto sources = gather_sources(arguments, environ);
    if (const auto* errors = std::get_if<ConfigErrors>(&sources)) {
        complain(*errors);
        return 2;
    }
    auto loaded = load(std::get<ConfigSources>(sources));
    if (const auto* errors = std::get_if<ConfigErrors>(&loaded)) {
        complain(*errors);
        return 2;
    }
    auto configuration = std::move(std::get<Configuration>(loaded));
    const auto findings = check(configuration);
    for (const auto& warning : findings.warnings) {
        std::cerr << "miroir: warning: " << warning << "\n";
    }
    complain(findings.errors);
    if (!findings.errors.empty()) {
        return 2;
    }
    return configuration;
}

}  // namespace

int serve(const std::vector<std::string>& arguments) {
    block_stop_signals();
    auto read = read_configuration("serve", arguments);
    if (const auto* exit_code = std::get_if<int>(&read)) {
        return *exit_code;
    }
    auto& configuration = std::get<Configuration>(read);
    telemetry::LogOptions log_options;
    log_options.level = configuration.log.level;
    log_options.format = configuration.log.format;
    log_options.queue_lines_max = configuration.limits.log_queue_lines_max;
    const auto* pod = std::getenv("POD_NAME");
    log_options.pod_id = pod != nullptr ? pod : "";
    telemetry::PrometheusMetrics metrics({version, "unknown"});
    telemetry::ProcessLog log(log_options, std::cerr, metrics);
    const auto drain_timeout = configuration.server.drain_timeout;
    Application application(std::move(configuration), log, metrics);
    application.start();
    std::cout << "{\"port\":" << application.port() << ",\"metricsPort\":" << application.metrics_port()
              << "}" << std::endl;
    wait_for_stop_signal();
    log.info("stopping");
    application.stop(drain_timeout);
    return 0;
}

int check_config(const std::vector<std::string>& arguments) {
    const auto read = read_configuration("check-config", arguments);
    if (const auto* exit_code = std::get_if<int>(&read)) {
        return *exit_code;
    }
    for (const auto& [key, value] : effective_values(std::get<Configuration>(read))) {
        std::cout << key << ": " << value << "\n";
    }
    return 0;
}

}  // namespace miroir::app
