#include "miroir/telemetry/prometheus_metrics.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "telemetry/process_usage.hpp"

namespace miroir::telemetry {
namespace {

bool has_line(const std::string& text, const std::string& line) {
    return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

// The value of the metric's only sample, -1 when there is none.
double value_of(const std::string& text, const std::string& name) {
    const auto at = ("\n" + text).find("\n" + name + " ");
    return at == std::string::npos ? -1 : std::stod(text.substr(at + name.size() + 1));
}

TEST(PrometheusMetrics, RendersWhatWasCounted) {
    PrometheusMetrics metrics({"1.2.3", "abc"});
    metrics.counter("miroir_request_total", "Requests.", {{"route", "/health"}, {"method", "GET"}}).add(2);
    metrics.gauge("miroir_requests_in_flight", "In flight.").add(-1.5);
    auto& took = metrics.histogram("miroir_request_duration_seconds", "Duration.", {0.1, 1});
    took.observe(0.05);
    took.observe(5);

    const auto text = metrics.render();

    EXPECT_TRUE(has_line(text, "# HELP miroir_request_total Requests.")) << text;
    EXPECT_TRUE(has_line(text, "# TYPE miroir_request_total counter"));
    EXPECT_TRUE(has_line(text, "miroir_request_total{method=\"GET\",route=\"/health\"} 2"));
    EXPECT_TRUE(has_line(text, "miroir_requests_in_flight -1.5"));
    EXPECT_TRUE(has_line(text, "miroir_request_duration_seconds_bucket{le=\"0.1\"} 1"));
    EXPECT_TRUE(has_line(text, "miroir_request_duration_seconds_bucket{le=\"+Inf\"} 2"));
    EXPECT_TRUE(has_line(text, "miroir_build_info{commit=\"abc\",version=\"1.2.3\"} 1"));
}

TEST(PrometheusMetrics, SameNameAndLabelsAreOneMetric) {
    PrometheusMetrics metrics({});
    auto& first = metrics.counter("miroir_x_total", "x", {{"a", "1"}, {"b", "2"}});
    EXPECT_EQ(&first, &metrics.counter("miroir_x_total", "x", {{"b", "2"}, {"a", "1"}}));
    EXPECT_NE(&first, &metrics.counter("miroir_x_total", "x", {{"a", "2"}, {"b", "1"}}));
}

TEST(PrometheusMetrics, OneNameCannotBeTwoKinds) {
    PrometheusMetrics metrics({});
    metrics.counter("miroir_x_total", "x");
    EXPECT_THROW(metrics.gauge("miroir_x_total", "x"), std::invalid_argument);
}

TEST(PrometheusMetrics, LabelValuesAreEscaped) {
    PrometheusMetrics metrics({});
    metrics.gauge("miroir_x", "x", {{"a", "q\"b\\c\nd"}}).set(1);
    EXPECT_TRUE(has_line(metrics.render(), "miroir_x{a=\"q\\\"b\\\\c\\nd\"} 1"));
}

TEST(PrometheusMetrics, TellsAboutTheProcess) {
    PrometheusMetrics metrics({});
    const auto text = metrics.render();
    EXPECT_GT(value_of(text, "process_resident_memory_bytes"), 1e6);
    EXPECT_GE(value_of(text, "process_open_fds"), 3);
    EXPECT_GT(value_of(text, "process_max_fds"), 3);
    EXPECT_GE(value_of(text, "process_threads"), 1);
    EXPECT_GT(value_of(text, "process_start_time_seconds"), 1.6e9);
    EXPECT_GE(value_of(metrics.render(), "process_cpu_seconds_total"),
              value_of(text, "process_cpu_seconds_total"));
}

TEST(PrometheusMetrics, CountsWhileItIsRendered) {
    PrometheusMetrics metrics({});
    std::thread counting([&metrics] {
        for (int i = 0; i < 1'000; ++i)
            metrics.counter("miroir_x_total", "x", {{"i", std::to_string(i % 10)}}).add();
    });
    for (int i = 0; i < 20; ++i) metrics.render();
    counting.join();
    EXPECT_TRUE(has_line(metrics.render(), "miroir_x_total{i=\"9\"} 100"));
}

TEST(ProcessUsage, TheCommandMayHoldBracketsAndBlanks) {
    const auto usage =
        usage_of_stat("1 (a) b) S 0 1 1 0 -1 0 0 0 0 0 250 50 0 0 20 0 7 0 1000 4096 3 0", 100, 4096);
    EXPECT_EQ(usage.cpu_seconds, 3);
    EXPECT_EQ(usage.threads, 7);
    EXPECT_EQ(usage.start_time_seconds, 10);
    EXPECT_EQ(usage.virtual_bytes, 4096);
    EXPECT_EQ(usage.resident_bytes, 3 * 4096);
}

}  // namespace
}  // namespace miroir::telemetry
