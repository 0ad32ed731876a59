#pragma once

#include <atomic>
#include <string>

#include "body_account.hpp"
#include "miroir/http/server.hpp"
#include "trusted_proxies.hpp"

namespace miroir::http {

// What all connections of a server share; safe from every thread.
struct ServerState {
    ServerState(ServerOptions o, Handler h, FaultRenderer r, Log& l, Metrics& m)
        : options(std::move(o)),
          handler(std::move(h)),
          renderer(std::move(r)),
          log(l),
          proxies(options.trusted_proxies),
          connections_gauge(m.gauge("miroir_http_connections", "Open client connections.")),
          bodies(
              options.limits.body_memory_bytes_max,
              m.gauge("miroir_ingest_memory_bytes", "Bytes of uploads that are being received or handled.")),
          in_flight_gauge(m.gauge("miroir_requests_in_flight", "Requests being handled.")),
          abandoned(m.counter("miroir_requests_abandoned_total",
                              "Requests that ended because their client had left.")),
          too_many_connections(rejected(m, "connections")),
          overloaded(rejected(m, "overloaded")),
          no_memory(rejected(m, "memory")),
          too_large(rejected(m, "payload_too_large")),
          headers_too_large(rejected(m, "headers_too_large")),
          malformed(rejected(m, "malformed")),
          body_incomplete(rejected(m, "body_incomplete")),
          slow_head(rejected(m, "header_timeout")),
          slow_body(rejected(m, "body_timeout")),
          slow_rate(rejected(m, "body_rate")) {}

    static Counter& rejected(Metrics& metrics, const std::string& reason) {
        return metrics.counter("miroir_http_rejected_total",
                               "Connections and requests refused before they were handled.",
                               {{"reason", reason}});
    }

    const ServerOptions options;
    const Handler handler;
    const FaultRenderer renderer;
    Log& log;
    const TrustedProxies proxies;

    std::atomic<std::uint32_t> connections = 0;
    std::atomic<std::uint32_t> in_flight = 0;
    std::atomic<bool> draining = false;

    Gauge& connections_gauge;
    BodyAccount bodies;
    Gauge& in_flight_gauge;
    Counter& abandoned;
    Counter& too_many_connections;
    Counter& overloaded;
    Counter& no_memory;
    Counter& too_large;
    Counter& headers_too_large;
    Counter& malformed;
    Counter& body_incomplete;
    Counter& slow_head;
    Counter& slow_body;
    Counter& slow_rate;
};

}  // namespace miroir::http
