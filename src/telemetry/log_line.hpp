#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "miroir/base/clock.hpp"
#include "miroir/base/log.hpp"

namespace miroir::telemetry {

// What every line of a log begins with.
struct LineHead {
    WallTime time;
    LogLevel level = LogLevel::info;
    std::string_view message;
    std::string_view pod_id;
};

// A value longer than this is cut.
inline constexpr std::size_t log_value_bytes_max = 8'192;

// One JSON object without the line's end. Values of fields that are named after a unit or a count (`_ms`,
// `_s`,
// `_bytes`, `_count`, `status`, `port`) are numbers where they read as one. A field named like a part of the
// head gets a '_' behind its name.
std::string json_line(const LineHead& head, std::initializer_list<LogField> fields);

// "2026-11-25T16:12:11.000123Z WARN  message  key=value", control characters escaped.
std::string text_line(const LineHead& head, std::initializer_list<LogField> fields);

}  // namespace miroir::telemetry
