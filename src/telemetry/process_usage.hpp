#pragma once

#include <string>

namespace miroir::telemetry {

// What the kernel says about this process. A figure that cannot be read is 0.
struct ProcessUsage {
    double resident_bytes = 0;
    double virtual_bytes = 0;
    double cpu_seconds = 0;
    double start_time_seconds = 0;  // since the Unix epoch
    double open_fds = 0;
    double max_fds = 0;
    double threads = 0;
};

ProcessUsage read_process_usage();

// The fields behind the command of /proc/self/stat, which may itself hold blanks and brackets.
ProcessUsage usage_of_stat(const std::string& stat, double ticks_per_second, double page_bytes);

}  // namespace miroir::telemetry
