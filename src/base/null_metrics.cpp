#include "miroir/base/metrics.hpp"

namespace miroir {

namespace {

class NullCounter final : public Counter {
public:
    void add(double) override {}
};

class NullGauge final : public Gauge {
public:
    void set(double) override {}
    void add(double) override {}
};

class NullHistogram final : public Histogram {
public:
    void observe(double) override {}
};

class NullMetrics final : public Metrics {
public:
    Counter& counter(const std::string&, const std::string&, const MetricLabels&) override {
        return counter_;
    }
    Gauge& gauge(const std::string&, const std::string&, const MetricLabels&) override { return gauge_; }
    Histogram& histogram(const std::string&, const std::string&, const std::vector<double>&,
                         const MetricLabels&) override {
        return histogram_;
    }

private:
    NullCounter counter_;
    NullGauge gauge_;
    NullHistogram histogram_;
};

}  // namespace

Metrics& null_metrics() {
    static NullMetrics metrics;
    return metrics;
}

}  // namespace miroir
