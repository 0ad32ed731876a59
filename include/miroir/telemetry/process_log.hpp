#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <ostream>
#include <string>

#include "miroir/base/clock.hpp"
#include "miroir/base/log.hpp"
#include "miroir/base/metrics.hpp"

namespace miroir::telemetry {

enum class LogFormat {
    json,  // one object a line: ts, level, message, request_id, pod_id, then the other fields
    text,  // for people at a terminal
};

struct LogOptions {
    LogLevel level = LogLevel::info;
    LogFormat format = LogFormat::json;
    // On every line when not empty.
    std::string pod_id;
    // Lines that wait for the output; beyond it the oldest are dropped.
    std::size_t queue_lines_max = 8'192;
};

// The log of a process: lines go through a bounded queue to a thread of its own, so that a slow output never
// holds up a request. The destructor writes what is still queued.
class ProcessLog final : public Log {
public:
    // All three must outlive the log.
    ProcessLog(LogOptions options, std::ostream& out, Metrics& metrics = null_metrics(),
               const Clock& clock = system_clock());
    ~ProcessLog() override;

    void write(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) override;

    // Lines that a full queue has cost so far.
    std::uint64_t dropped() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace miroir::telemetry
