#include "miroir/telemetry/process_log.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#include "log_line.hpp"

namespace miroir::telemetry {
namespace {

// How long lines are collected before they are written: waking a thread and calling the kernel for each line
// costs more than making it.
constexpr std::chrono::milliseconds collecting_time{20};

}  // namespace

struct ProcessLog::State {
    State(LogOptions chosen, std::ostream& output, Metrics& metrics, const Clock& time)
        : options(std::move(chosen)),
          clock(time),
          out(output),
          lost(metrics.counter("miroir_log_lines_dropped_total", "Log lines that a full queue has cost.")),
          writer([this] { write_until_stopped(); }) {}

    ~State() {
        {
            const std::lock_guard lock(mutex);
            stopping = true;
        }
        hurry.notify_one();
        writer.join();
    }

    void add(std::string line, bool urgent) {
        bool wake = false;
        {
            const std::lock_guard lock(mutex);
            if (lines.size() >= options.queue_lines_max) {
                lines.pop_front();
                ++dropped;
                lost.add();
            }
            lines.push_back(std::move(line));
            wake = (idle && lines.size() == 1) || (urgent && !urgent_waits);
            urgent_waits = urgent_waits || urgent;
        }
        if (wake) hurry.notify_one();
    }

    void write_until_stopped() {
        std::unique_lock lock(mutex);
        for (;;) {
            idle = true;
            hurry.wait(lock, [this] { return stopping || !lines.empty(); });
            idle = false;
            hurry.wait_for(lock, collecting_time, [this] { return stopping || urgent_waits; });
            urgent_waits = false;
            while (!lines.empty()) write_some(lock);
            if (stopping) return;
        }
    }

    // A part of the queue: few lines are out of its bound.
    void write_some(std::unique_lock<std::mutex>& lock) {
        const auto most = std::max<std::size_t>(options.queue_lines_max / 4, 1);
        std::string text;
        for (std::size_t taken = 0; taken < most && !lines.empty(); ++taken) {
            text.append(lines.front()).push_back('\n');
            lines.pop_front();
        }
        lock.unlock();
        out.write(text.data(), static_cast<std::streamsize>(text.size()));
        out.flush();
        lock.lock();
    }

    const LogOptions options;
    const Clock& clock;
    std::ostream& out;
    Counter& lost;

    mutable std::mutex mutex;
    std::condition_variable hurry;
    std::deque<std::string> lines;
    std::uint64_t dropped = 0;
    bool idle = false;
    bool urgent_waits = false;
    bool stopping = false;
    std::thread writer;
};

ProcessLog::ProcessLog(LogOptions options, std::ostream& out, Metrics& metrics, const Clock& clock)
    : state_(std::make_unique<State>(std::move(options), out, metrics, clock)) {}

ProcessLog::~ProcessLog() = default;

void ProcessLog::write(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
    const auto& options = state_->options;
    if (level < options.level) return;
    try {
        const LineHead head{state_->clock.wall(), level, message, options.pod_id};
        auto line = options.format == LogFormat::json ? json_line(head, fields) : text_line(head, fields);
        state_->add(std::move(line), level >= LogLevel::warn);
    } catch (const std::exception&) {
        // Out of memory: the line is lost, the request goes on.
    }
}

std::uint64_t ProcessLog::dropped() const {
    const std::lock_guard lock(state_->mutex);
    return state_->dropped;
}

}  // namespace miroir::telemetry
