#pragma once

#include <cstdint>
#include <memory>

#include "configuration.hpp"
#include "miroir/base/log.hpp"
#include "miroir/telemetry/prometheus_metrics.hpp"

namespace miroir::app {

// One replica, built top-down from its configuration.
class Application {
public:
    Application(Configuration configuration, Log& log, telemetry::PrometheusMetrics& metrics);
    // Ends what still runs, also after a start that failed.
    ~Application();

    // Opens the store, finishes what an earlier process left, and listens. Throws std::exception with a
    // message for people when the replica cannot start.
    void start();
    // Unready first, then no new connections; requests in flight end, at most until `grace`.
    void stop(std::chrono::milliseconds grace);

    std::uint16_t port() const;
    std::uint16_t metrics_port() const;

private:
    void halt(std::chrono::milliseconds grace);

    struct Parts;
    std::unique_ptr<Parts> parts_;
    bool halted_ = false;
};

}  // namespace miroir::app
