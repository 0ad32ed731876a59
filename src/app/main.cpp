#include <cstdio>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include "commands.hpp"

namespace {

constexpr const char* usage =
    "miroir: many Meilisearch servers as one.\n\n"
    "  miroir [serve] [--config FILE] [--KEY VALUE ...]   serve (default)\n"
    "  miroir dev [--nodes N] [--replication-factor N] [--shards N] [--port N] [--data DIR]\n"
    "                                                     a whole local cluster in one command\n"
    "  miroir check-config [--config FILE] [--KEY VALUE ...]\n"
    "  miroir version\n\n"
    "The keys are those of config/miroir.example.yaml, also as MIROIR_* variables.\n";

int print_version(const std::vector<std::string>& arguments) {
    if (!arguments.empty()) {
        std::cerr << "miroir version: takes no arguments\n";
        return 2;
    }
    std::cout << "miroir " << miroir::app::version << "\n";
    return 0;
}

int run(const std::string& program, std::vector<std::string> arguments) {
    std::string command = "serve";
    if (!arguments.empty() && !arguments.front().starts_with("-")) {
        command = arguments.front();
        arguments.erase(arguments.begin());
    } else if (!arguments.empty() && (arguments.front() == "--help" || arguments.front() == "-h")) {
        std::cout << usage;
        return 0;
    } else if (!arguments.empty() && arguments.front() == "--version") {
        command = "version";
        arguments.erase(arguments.begin());
    }
    if (command == "serve") {
        return miroir::app::serve(arguments);
    }
    if (command == "dev") {
        return miroir::app::dev(arguments, program);
    }
    if (command == "dev-node") {
        return miroir::app::dev_node(arguments);
    }
    if (command == "check-config") {
        return miroir::app::check_config(arguments);
    }
    if (command == "version") {
        return print_version(arguments);
    }
    std::cerr << "miroir: unknown command `" << command << "`\n\n" << usage;
    return 2;
}

}  // namespace

int main(int count, char** values) {
    try {
        return run("/proc/self/exe", std::vector<std::string>(values + 1, values + count));
    } catch (const std::exception& fault) {
        std::cerr << "miroir: " << fault.what() << "\n";
        return 1;
    }
}
