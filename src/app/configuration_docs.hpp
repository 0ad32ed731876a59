#pragma once

#include <string>

namespace miroir::app {

// docs/configuration.md: every key with type, default, variable and meaning.
std::string configuration_markdown();

// config/miroir.example.yaml: every key with its default.
std::string example_yaml();

}  // namespace miroir::app
