#pragma once

#include <memory>
#include <string>

#include "miroir/base/metrics.hpp"

namespace miroir::telemetry {

struct BuildInfo {
    std::string version;
    std::string commit;
};

// Metrics for Prometheus. Adds miroir_build_info and the process_* metrics of this process.
class PrometheusMetrics final : public Metrics {
public:
    explicit PrometheusMetrics(BuildInfo build);
    ~PrometheusMetrics() override;

    // A name that is in use for another kind of metric throws std::invalid_argument.
    Counter& counter(const std::string& name, const std::string& help,
                     const MetricLabels& labels = {}) override;
    Gauge& gauge(const std::string& name, const std::string& help, const MetricLabels& labels = {}) override;
    Histogram& histogram(const std::string& name, const std::string& help, const std::vector<double>& bounds,
                         const MetricLabels& labels = {}) override;

    // Everything in Prometheus' text format 0.0.4. Reads /proc: not for an I/O thread. Thread safe.
    std::string render();

private:
    struct State;
    std::unique_ptr<State> state_;
};

// The Content-Type of render().
inline constexpr const char* metrics_content_type = "text/plain; version=0.0.4; charset=utf-8";

}  // namespace miroir::telemetry
