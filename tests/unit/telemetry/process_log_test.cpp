#include "miroir/telemetry/process_log.hpp"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <sstream>
#include <streambuf>
#include <string>
#include <thread>
#include <vector>

namespace miroir::telemetry {
namespace {

std::vector<std::string> lines_of(const std::string& text) {
    std::istringstream stream(text);
    std::vector<std::string> lines;
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
}

// An output that takes nothing until it is opened.
class Gate : public std::stringbuf {
public:
    void open() {
        const std::lock_guard lock(mutex_);
        open_ = true;
        opened_.notify_all();
    }

protected:
    std::streamsize xsputn(const char* text, std::streamsize count) override {
        std::unique_lock lock(mutex_);
        opened_.wait(lock, [this] { return open_; });
        return std::stringbuf::xsputn(text, count);
    }

private:
    std::mutex mutex_;
    std::condition_variable opened_;
    bool open_ = false;
};

TEST(ProcessLog, WritesEveryLineBeforeItEnds) {
    std::ostringstream out;
    {
        ProcessLog log({.pod_id = "miroir-1"}, out);
        log.info("first", {{"request_id", "r"}});
        log.error("second {} %v");
    }
    const auto lines = lines_of(out.str());
    ASSERT_EQ(lines.size(), 2u);
    EXPECT_NE(lines[0].find("\"message\":\"first\",\"request_id\":\"r\",\"pod_id\":\"miroir-1\"}"),
              std::string::npos);
    EXPECT_NE(lines[1].find("\"level\":\"error\",\"message\":\"second {} %v\""), std::string::npos);
}

TEST(ProcessLog, LeavesOutWhatIsBelowItsLevel) {
    std::ostringstream out;
    {
        ProcessLog log({.level = LogLevel::warn, .format = LogFormat::text}, out);
        log.write(LogLevel::debug, "a", {});
        log.info("b");
        log.warn("c");
    }
    ASSERT_EQ(lines_of(out.str()).size(), 1u);
    EXPECT_NE(out.str().find("WARN  c"), std::string::npos);
}

TEST(ProcessLog, LinesOfSeveralThreadsStayWhole) {
    std::ostringstream out;
    {
        ProcessLog log({}, out);
        std::vector<std::thread> threads;
        for (int i = 0; i < 4; ++i) {
            threads.emplace_back([&log] {
                for (int j = 0; j < 100; ++j) log.info("said", {{"text", std::string(50, 'x')}});
            });
        }
        for (auto& thread : threads) thread.join();
    }
    const auto lines = lines_of(out.str());
    ASSERT_EQ(lines.size(), 400u);
    for (const auto& line : lines)
        EXPECT_TRUE(line.starts_with("{\"ts\"") && line.ends_with("xx\"}")) << line;
}

TEST(ProcessLog, AStuckOutputCostsTheOldestLinesAndBlocksNobody) {
    Gate gate;
    std::ostream out(&gate);
    {
        ProcessLog log({.queue_lines_max = 8}, out);
        for (int i = 0; i < 100; ++i) log.info("line " + std::to_string(i));
        EXPECT_GE(log.dropped(), 90u);
        gate.open();
    }
    const auto text = gate.str();
    EXPECT_LE(lines_of(text).size(), 10u);
    EXPECT_NE(text.find("line 99"), std::string::npos);
}

}  // namespace
}  // namespace miroir::telemetry
