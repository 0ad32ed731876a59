#pragma once

#include <CLI/App.hpp>
// Without these the classes that App makes have no tables.
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace miroir::app {

// Reads the arguments after a command's name. Empty: go on. Else the exit code to end with: help was printed
// (0), or what is wrong with them (2).
std::optional<int> read_arguments(CLI::App& command, std::vector<std::string> arguments);

// `arguments` without what belongs to the configuration, and that: every `--flag`, with the value after it,
// that `command` has no option for.
struct SplitArguments {
    std::vector<std::string> own;
    std::vector<std::string> configuration;
};
SplitArguments take_configuration_keys(const CLI::App& command, const std::vector<std::string>& arguments);

}  // namespace miroir::app
