#include "miroir/telemetry/prometheus_metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <map>
#include <mutex>
#include <stdexcept>
#include <utility>

#include "process_usage.hpp"

namespace miroir::telemetry {
namespace {

class PrometheusCounter final : public Counter {
public:
    explicit PrometheusCounter(prometheus::Counter& counter) : counter_(counter) {}
    void add(double amount) override { counter_.Increment(amount); }

private:
    prometheus::Counter& counter_;
};

class PrometheusGauge final : public Gauge {
public:
    explicit PrometheusGauge(prometheus::Gauge& gauge) : gauge_(gauge) {}
    void set(double value) override { gauge_.Set(value); }
    void add(double amount) override { gauge_.Increment(amount); }

private:
    prometheus::Gauge& gauge_;
};

class PrometheusHistogram final : public Histogram {
public:
    explicit PrometheusHistogram(prometheus::Histogram& histogram) : histogram_(histogram) {}
    void observe(double value) override { histogram_.Observe(value); }

private:
    prometheus::Histogram& histogram_;
};

// Name and labels of a metric.
using Key = std::pair<std::string, prometheus::Labels>;
template <class Metric>
using Handles = std::map<Key, std::unique_ptr<Metric>>;

Key key_of(const std::string& name, const MetricLabels& labels) {
    return {name, {labels.begin(), labels.end()}};
}

// Metrics whose values are read from the kernel at each rendering.
struct ProcessMetrics {
    explicit ProcessMetrics(Metrics& metrics)
        : resident(metrics.gauge("process_resident_memory_bytes", "Resident memory size in bytes.")),
          virtual_size(metrics.gauge("process_virtual_memory_bytes", "Virtual memory size in bytes.")),
          cpu(metrics.counter("process_cpu_seconds_total", "User and system CPU time spent in seconds.")),
          start(metrics.gauge("process_start_time_seconds",
                              "Start of the process since the Unix epoch in seconds.")),
          open_fds(metrics.gauge("process_open_fds", "Number of open file descriptors.")),
          max_fds(metrics.gauge("process_max_fds", "Maximum number of open file descriptors.")),
          threads(metrics.gauge("process_threads", "Number of threads.")) {}

    void refresh() {
        const auto usage = read_process_usage();
        resident.set(usage.resident_bytes);
        virtual_size.set(usage.virtual_bytes);
        if (usage.cpu_seconds > cpu_seconds)
            cpu.add(usage.cpu_seconds - std::exchange(cpu_seconds, usage.cpu_seconds));
        start.set(usage.start_time_seconds);
        open_fds.set(usage.open_fds);
        max_fds.set(usage.max_fds);
        threads.set(usage.threads);
    }

    Gauge& resident;
    Gauge& virtual_size;
    Counter& cpu;
    Gauge& start;
    Gauge& open_fds;
    Gauge& max_fds;
    Gauge& threads;
    double cpu_seconds = 0;
};

}  // namespace

struct PrometheusMetrics::State {
    std::mutex mutex;
    prometheus::Registry registry;
    Handles<PrometheusCounter> counters;
    Handles<PrometheusGauge> gauges;
    Handles<PrometheusHistogram> histograms;

    std::mutex process_mutex;
    std::unique_ptr<ProcessMetrics> process;

    // The handle in `handles`, made by `make` on first use.
    template <class Metric, class Make>
    Metric& handle(Handles<Metric>& handles, const std::string& name, const MetricLabels& labels, Make make) {
        const std::lock_guard lock(mutex);
        auto key = key_of(name, labels);
        const auto found = handles.find(key);
        if (found != handles.end()) return *found->second;
        auto made = std::make_unique<Metric>(make(key.second));
        return *handles.emplace(std::move(key), std::move(made)).first->second;
    }
};

PrometheusMetrics::PrometheusMetrics(BuildInfo build) : state_(std::make_unique<State>()) {
    const MetricLabels labels = {{"version", std::move(build.version)}, {"commit", std::move(build.commit)}};
    gauge("miroir_build_info", "Always 1; the labels tell which build this is.", labels).set(1);
    state_->process = std::make_unique<ProcessMetrics>(*this);
}

PrometheusMetrics::~PrometheusMetrics() = default;

Counter& PrometheusMetrics::counter(const std::string& name, const std::string& help,
                                    const MetricLabels& labels) {
    return state_->handle(
        state_->counters, name, labels, [&](const prometheus::Labels& sorted) -> prometheus::Counter& {
            return prometheus::BuildCounter().Name(name).Help(help).Register(state_->registry).Add(sorted);
        });
}

Gauge& PrometheusMetrics::gauge(const std::string& name, const std::string& help,
                                const MetricLabels& labels) {
    return state_->handle(
        state_->gauges, name, labels, [&](const prometheus::Labels& sorted) -> prometheus::Gauge& {
            return prometheus::BuildGauge().Name(name).Help(help).Register(state_->registry).Add(sorted);
        });
}

Histogram& PrometheusMetrics::histogram(const std::string& name, const std::string& help,
                                        const std::vector<double>& bounds, const MetricLabels& labels) {
    const auto make = [&](const prometheus::Labels& sorted) -> prometheus::Histogram& {
        return prometheus::BuildHistogram()
            .Name(name)
            .Help(help)
            .Register(state_->registry)
            .Add(sorted, bounds);
    };
    return state_->handle(state_->histograms, name, labels, make);
}

std::string PrometheusMetrics::render() {
    {
        const std::lock_guard lock(state_->process_mutex);
        state_->process->refresh();
    }
    return prometheus::TextSerializer().Serialize(state_->registry.Collect());
}

}  // namespace miroir::telemetry
