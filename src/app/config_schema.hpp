#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "configuration.hpp"

namespace miroir::app {

// One setting: where it lives, how it is read and what it means. Loading, checking, printing and the
// documentation all follow from the table of these.
struct ConfigKey {
    std::string path;      // "server.port"
    std::string accepts;   // for people: "whole number, 0 to 65535"
    std::string fallback;  // the default, in the form `assign` reads
    std::string description;
    std::vector<std::string> variables;  // of the environment; the first that is set wins
    bool secret = false;
    bool list = false;
    // Empty when the text was taken, else what is wrong with it ("is not a whole number").
    std::function<std::string(Configuration&, const std::string& text)> assign;
    std::function<std::string(const Configuration&)> print;
};

// In the order of the documentation: keys of one section are neighbours.
const std::vector<ConfigKey>& config_schema();

// "server" of "server.port"; empty for a key at the top level.
std::string section_of(const std::string& path);

}  // namespace miroir::app
