#include <CLI/Option.hpp>
#include <CLI/Validators.hpp>
#include <cstdlib>
#include <iostream>

#include "command_line.hpp"
#include "commands.hpp"
#include "miroir/devnode/dev_node.hpp"
#include "miroir/runtime/io_threads.hpp"
#include "signals.hpp"

namespace miroir::app {

int dev_node(const std::vector<std::string>& arguments) {
    block_stop_signals();
    devnode::DevNodeOptions options;
    std::uint64_t task_delay_ms = 0;
    if (const auto* key = std::getenv("MEILI_MASTER_KEY"); key != nullptr) {
        options.master_key = key;
    }
    CLI::App command(
        "A small look-alike of a Meilisearch, for trying out and for tests.\n"
        "Its master key comes from MEILI_MASTER_KEY.",
        "miroir dev-node");
    command.add_option("--port", options.port, "0: any free one")->check(CLI::Range(0, 65'535));
    command.add_option("--data", options.directory, "folder of its database; without one, in memory");
    command.add_option("--task-delay-ms", task_delay_ms, "how long every task waits before it runs")
        ->check(CLI::Range(0, 3'600'000));
    command.add_option("--master-key", options.master_key, "instead of the variable; shows in process lists");
    if (const auto exit_code = read_arguments(command, arguments)) {
        return *exit_code;
    }
    options.task_delay = std::chrono::milliseconds(task_delay_ms);
    runtime::IoThreads threads(1);
    auto node = devnode::start_dev_node(options, threads.executors());
    std::cout << "{\"port\":" << node->port() << "}" << std::endl;
    wait_for_stop_signal();
    node->stop();
    threads.stop();
    return 0;
}

}  // namespace miroir::app
