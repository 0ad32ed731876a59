#include "miroir/telemetry/process_log.hpp"

#include <spdlog/async.h>
#include <spdlog/async_logger.h>
#include <spdlog/sinks/ostream_sink.h>

#include <utility>

#include "log_line.hpp"

namespace miroir::telemetry {
namespace {

std::shared_ptr<spdlog::async_logger> logger_on(std::ostream& out,
                                                const std::shared_ptr<spdlog::details::thread_pool>& pool) {
    constexpr bool flush_each_line = true;
    auto sink = std::make_shared<spdlog::sinks::ostream_sink_mt>(out, flush_each_line);
    auto logger = std::make_shared<spdlog::async_logger>("miroir", std::move(sink), pool,
                                                         spdlog::async_overflow_policy::overrun_oldest);
    logger->set_level(spdlog::level::trace);
    logger->set_pattern("%v");
    return logger;
}

}  // namespace

struct ProcessLog::State {
    State(LogOptions chosen, std::ostream& out, const Clock& time)
        : options(std::move(chosen)),
          clock(time),
          pool(std::make_shared<spdlog::details::thread_pool>(options.queue_lines_max, 1)),
          logger(logger_on(out, pool)) {}

    LogOptions options;
    const Clock& clock;
    std::shared_ptr<spdlog::details::thread_pool> pool;
    std::shared_ptr<spdlog::async_logger> logger;
};

ProcessLog::ProcessLog(LogOptions options, std::ostream& out, const Clock& clock)
    : state_(std::make_unique<State>(std::move(options), out, clock)) {}

ProcessLog::~ProcessLog() = default;

void ProcessLog::write(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
    const auto& options = state_->options;
    if (level < options.level) return;
    try {
        const LineHead head{state_->clock.wall(), level, message, options.pod_id};
        const auto line =
            options.format == LogFormat::json ? json_line(head, fields) : text_line(head, fields);
        state_->logger->log(spdlog::level::info, spdlog::string_view_t(line));
    } catch (const std::exception&) {
        // Out of memory: the line is lost, the request goes on.
    }
}

std::uint64_t ProcessLog::dropped() const {
    return state_->pool->overrun_counter();
}

}  // namespace miroir::telemetry
