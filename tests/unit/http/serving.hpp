#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "miroir/base/log.hpp"
#include "miroir/base/metrics.hpp"
#include "miroir/http/server.hpp"
#include "miroir/runtime/concurrency.hpp"
#include "miroir/runtime/io_threads.hpp"
#include "run_async.hpp"

namespace miroir::http {

class CountingMetrics final : public Metrics {
public:
    Counter& counter(const std::string& name, const std::string&, const MetricLabels& labels) override {
        return place(name, labels);
    }
    Gauge& gauge(const std::string& name, const std::string&, const MetricLabels& labels) override {
        return place(name, labels).as_gauge;
    }
    Histogram& histogram(const std::string& name, const std::string& help, const std::vector<double>& bounds,
                         const MetricLabels& labels) override {
        return null_metrics().histogram(name, help, bounds, labels);
    }
    double value(const std::string& name, const MetricLabels& labels = {}) { return place(name, labels).sum; }

private:
    struct Value final : Counter {
        void add(double amount) override { sum += amount; }
        struct AsGauge final : Gauge {
            explicit AsGauge(std::atomic<double>& s) : sum(s) {}
            void set(double value) override { sum = value; }
            void add(double amount) override { sum += amount; }
            std::atomic<double>& sum;
        };
        std::atomic<double> sum = 0;
        AsGauge as_gauge{sum};
    };
    Value& place(const std::string& name, const MetricLabels& labels) {
        const std::lock_guard lock(mutex_);
        auto& value = values_[{name, labels}];
        if (!value) value = std::make_unique<Value>();
        return *value;
    }

    std::mutex mutex_;
    std::map<std::pair<std::string, MetricLabels>, std::unique_ptr<Value>> values_;
};

class KeptLog final : public Log {
public:
    void write(LogLevel, std::string_view message, std::initializer_list<LogField> fields) override {
        std::string line(message);
        for (const auto& [name, value] : fields) line += " " + std::string(name) + "=" + value;
        const std::lock_guard lock(mutex_);
        lines_.push_back(std::move(line));
    }
    std::vector<std::string> lines() {
        const std::lock_guard lock(mutex_);
        return lines_;
    }

private:
    std::mutex mutex_;
    std::vector<std::string> lines_;
};

inline Response rendered(ServerFault fault, const Request& request, std::string detail) {
    static constexpr int statuses[] = {413, 431, 400, 400, 503, 500};
    static constexpr const char* names[] = {"payload_too_large", "headers_too_large", "malformed_request",
                                            "body_incomplete",   "overloaded",        "internal"};
    const auto kind = static_cast<std::size_t>(fault);
    return json_response(std::string(names[kind]) + " " + request.path + " " + detail, statuses[kind]);
}

// A server on its own threads.
class Serving {
public:
    explicit Serving(Handler handler, ServerOptions options = {}, std::size_t threads = 2)
        : io_(threads),
          server_(start_server(io_.executors(), std::move(options), std::move(handler), rendered, log,
                               metrics)) {}
    ~Serving() { drain(Deadline::in(std::chrono::milliseconds(0))); }

    std::uint16_t port() const { return server_->port(); }
    void drain(Deadline deadline) { run(server_->drain(deadline)); }
    std::vector<Executor> executors() const { return io_.executors(); }

    KeptLog log;
    CountingMetrics metrics;

private:
    runtime::IoThreads io_;
    std::unique_ptr<Server> server_;
};

// Says what it was asked: "POST /path?query [body]".
inline Async<Response> echo(Request request) {
    std::string text(name_of(request.method));
    text += " " + request.path;
    if (!request.query.empty()) text += "?" + request.query;
    text += " [" + request.body + "]";
    co_return json_response(text);
}

// A handler that waits until the test opens its gate.
struct Gated {
    std::atomic<int> entered = 0;
    std::atomic<bool> open = false;

    Handler handler() {
        return [this](Request) -> Async<Response> {
            ++entered;
            while (!open) co_await runtime::sleep_for(std::chrono::milliseconds(1));
            co_return json_response("done");
        };
    }
    void await_entered(int count) const {
        while (entered < count) std::this_thread::yield();
    }
};

}  // namespace miroir::http
