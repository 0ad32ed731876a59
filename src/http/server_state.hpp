#pragma once

#include <atomic>
#include <string>

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
          in_flight_gauge(m.gauge("miroir_requests_in_flight", "Requests being handled.")),
          too_many_connections(rejected(m, "connections")),
          overloaded(rejected(m, "overloaded")),
          too_large(rejected(m, "payload_too_large")),
          headers_too_large(rejected(m, "headers_too_large")),
          malformed(rejected(m, "malformed")),
          body_incomplete(rejected(m, "body_incomplete")),
          slow_head(rejected(m, "header_timeout")),
          slow_body(rejected(m, "body_timeout")) {}

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
    Gauge& in_flight_gauge;
    Counter& too_many_connections;
    Counter& overloaded;
    Counter& too_large;
    Counter& headers_too_large;
    Counter& malformed;
    Counter& body_incomplete;
    Counter& slow_head;
    Counter& slow_body;
};

}  // namespace miroir::http
