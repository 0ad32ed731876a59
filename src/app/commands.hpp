#pragma once

#include <string>
#include <vector>

namespace miroir::app {

// Each runs one command of the program with the arguments after its name, and returns the exit code.
int serve(const std::vector<std::string>& arguments);
int check_config(const std::vector<std::string>& arguments);
int dev(const std::vector<std::string>& arguments, const std::string& program);
int dev_node(const std::vector<std::string>& arguments);

inline constexpr const char* version = "0.1.0";

}  // namespace miroir::app
