#include "command_line.hpp"

#include <algorithm>
#include <iostream>

namespace miroir::app {

std::optional<int> read_arguments(CLI::App& command, std::vector<std::string> arguments) {
    std::reverse(arguments.begin(), arguments.end());  // CLI11 takes them from the back
    try {
        command.parse(std::move(arguments));
        return std::nullopt;
    } catch (const CLI::CallForHelp&) {
        std::cout << command.help();
        return 0;
    } catch (const CLI::ParseError& wrong) {
        std::cerr << command.get_name() << ": " << wrong.what() << "\nSee " << command.get_name()
                  << " --help.\n";
        return 2;
    }
}

SplitArguments take_configuration_keys(const CLI::App& command, const std::vector<std::string>& arguments) {
    SplitArguments split;
    const auto is_flag = [](const std::string& text) { return text.starts_with("-"); };
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const auto name = arguments[i].substr(0, arguments[i].find('='));
        const bool own = !name.starts_with("--") || command.get_option_no_throw(name) != nullptr;
        auto& side = own ? split.own : split.configuration;
        side.push_back(arguments[i]);
        const bool has_value = name.size() == arguments[i].size() && is_flag(name) &&
                               i + 1 < arguments.size() && !is_flag(arguments[i + 1]);
        if (has_value) {
            side.push_back(arguments[++i]);
        }
    }
    return split;
}

}  // namespace miroir::app
