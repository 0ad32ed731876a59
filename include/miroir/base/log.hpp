#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace miroir {

enum class LogLevel { debug, info, warn, error };

// One structured line. Values must never hold a query, a document, a key or a token.
using LogField = std::pair<std::string_view, std::string>;

class Log {
public:
    virtual ~Log() = default;
    // Thread safe; never throws; drops rather than blocks.
    virtual void write(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) = 0;

    void info(std::string_view message, std::initializer_list<LogField> fields = {}) {
        write(LogLevel::info, message, fields);
    }
    void warn(std::string_view message, std::initializer_list<LogField> fields = {}) {
        write(LogLevel::warn, message, fields);
    }
    void error(std::string_view message, std::initializer_list<LogField> fields = {}) {
        write(LogLevel::error, message, fields);
    }
};

// Writes nowhere; for tests and tools.
Log& null_log();

}  // namespace miroir
