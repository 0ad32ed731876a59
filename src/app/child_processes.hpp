#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace miroir::app {

// Starts a program with its output going to a file (appended), in this process's environment with `variables`
// added or replaced. It ends with SIGTERM when this process ends, however that happens. Throws
// std::system_error.
pid_t start_process(const std::vector<std::string>& command, const std::string& output_file,
                    const std::map<std::string, std::string>& variables = {});

// True once the child has ended.
bool has_ended(pid_t child);

// SIGTERM, and SIGKILL for those that still run after some seconds.
void end_processes(const std::vector<pid_t>& children);

// A TCP port on the loopback interface that nobody listens on right now.
std::uint16_t free_port();

}  // namespace miroir::app
