#include "process_usage.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

namespace miroir::telemetry {
namespace {

std::string text_of(const char* path) {
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

double boot_time_seconds() {
    std::ifstream file("/proc/stat");
    std::string word;
    while (file >> word) {
        double value = 0;
        if (word == "btime" && file >> value) return value;
    }
    return 0;
}

double open_file_descriptors() {
    std::error_code failed;
    double count = 0;
    std::filesystem::directory_iterator entries("/proc/self/fd", failed);
    for (; !failed && entries != std::filesystem::directory_iterator(); entries.increment(failed)) ++count;
    return count > 0 ? count - 1 : 0;  // one of them is this listing's own
}

}  // namespace

ProcessUsage usage_of_stat(const std::string& stat, double ticks_per_second, double page_bytes) {
    const auto command_end = stat.rfind(')');
    if (command_end == std::string::npos) return {};
    std::istringstream rest(stat.substr(command_end + 1));
    std::vector<std::string> fields;  // proc(5) counts from 1; the first here is its third
    for (std::string field; rest >> field;) fields.push_back(field);
    const auto field = [&](std::size_t number) {
        const auto at = number - 3;
        return at < fields.size() ? std::strtod(fields[at].c_str(), nullptr) : 0;
    };
    ProcessUsage usage;
    usage.cpu_seconds = (field(14) + field(15)) / ticks_per_second;
    usage.threads = field(20);
    usage.start_time_seconds = field(22) / ticks_per_second;
    usage.virtual_bytes = field(23);
    usage.resident_bytes = field(24) * page_bytes;
    return usage;
}

ProcessUsage read_process_usage() {
    const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
    const auto page = static_cast<double>(sysconf(_SC_PAGESIZE));
    auto usage = usage_of_stat(text_of("/proc/self/stat"), ticks, page);
    usage.start_time_seconds += boot_time_seconds();
    usage.open_fds = open_file_descriptors();
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) usage.max_fds = static_cast<double>(limit.rlim_cur);
    return usage;
}

}  // namespace miroir::telemetry
