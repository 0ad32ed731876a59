#pragma once

#include <string>
#include <utility>
#include <vector>

namespace miroir {

class Counter {
public:
    virtual ~Counter() = default;
    virtual void add(double amount = 1) = 0;
};

class Gauge {
public:
    virtual ~Gauge() = default;
    virtual void set(double value) = 0;
    virtual void add(double amount) = 0;
};

class Histogram {
public:
    virtual ~Histogram() = default;
    virtual void observe(double value) = 0;
};

// Label values come from small fixed sets (route templates, node ids), never from requests.
using MetricLabels = std::vector<std::pair<std::string, std::string>>;

// Hands out metrics that live as long as the registry. A look-up costs a lock: keep the reference.
// The same name and labels give the same metric. Thread safe.
class Metrics {
public:
    virtual ~Metrics() = default;
    virtual Counter& counter(const std::string& name, const std::string& help,
                             const MetricLabels& labels = {}) = 0;
    virtual Gauge& gauge(const std::string& name, const std::string& help,
                         const MetricLabels& labels = {}) = 0;
    virtual Histogram& histogram(const std::string& name, const std::string& help,
                                 const std::vector<double>& bounds, const MetricLabels& labels = {}) = 0;
};

// Counts nothing; for tests and tools.
Metrics& null_metrics();

}  // namespace miroir
