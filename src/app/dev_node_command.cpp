#include <iostream>
#include <stdexcept>

#include "commands.hpp"
#include "config_values.hpp"
#include "miroir/devnode/dev_node.hpp"
#include "miroir/runtime/io_threads.hpp"
#include "signals.hpp"

namespace miroir::app {

int dev_node(const std::vector<std::string>& arguments) {
    block_stop_signals();
    devnode::DevNodeOptions options;
    for (std::size_t i = 0; i < arguments.size(); i += 2) {
        if (i + 1 == arguments.size()) {
            throw std::runtime_error("the option " + arguments[i] + " needs a value");
        }
        const auto& name = arguments[i];
        const auto& value = arguments[i + 1];
        if (name == "--master-key") {
            options.master_key = value;
        } else if (name == "--data") {
            options.directory = value;
        } else if (name == "--port" && parse_whole_number(value)) {
            options.port = static_cast<std::uint16_t>(*parse_whole_number(value));
        } else if (name == "--task-delay-ms" && parse_whole_number(value)) {
            options.task_delay = std::chrono::milliseconds(*parse_whole_number(value));
        } else {
            throw std::runtime_error("unknown option or bad value: " + name + " " + value);
        }
    }
    runtime::IoThreads threads(1);
    auto node = devnode::start_dev_node(options, threads.executors());
    std::cout << "{\"port\":" << node->port() << "}" << std::endl;
    wait_for_stop_signal();
    node->stop();
    threads.stop();
    return 0;
}

}  // namespace miroir::app
