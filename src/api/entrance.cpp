#include <algorithm>
#include <iterator>
#include <map>
#include <mutex>

#include "miroir/api/endpoints.hpp"
#include "miroir/coordination/store_error.hpp"
#include "miroir/meili/error.hpp"

namespace miroir::api {

namespace {

http::Response empty_response(int status) {
    http::Response response;
    response.status = status;
    return response;
}

// Count and time of each route; the references are looked up once per route and status class.
class RouteMetrics {
public:
    explicit RouteMetrics(Metrics& metrics) : metrics_(metrics) {}

    void observe(std::string_view route, int status, double seconds) {
        auto& slot = slot_for(route, status / 100);
        slot.requests->add();
        slot.seconds->observe(seconds);
    }

private:
    struct Slot {
        Counter* requests = nullptr;
        Histogram* seconds = nullptr;
    };
    Slot& slot_for(std::string_view route, int status_class) {
        const std::lock_guard lock(mutex_);
        auto& slot = slots_[{std::string(route), status_class}];
        if (slot.requests == nullptr) {
            const std::string label(route);
            slot.requests =
                &metrics_.counter("miroir_request_total", "Answered requests.",
                                  {{"route", label}, {"status", std::to_string(status_class) + "xx"}});
            slot.seconds = &metrics_.histogram("miroir_request_seconds", "Time to answer a request.",
                                               {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 30},
                                               {{"route", label}});
        }
        return slot;
    }

    Metrics& metrics_;
    std::mutex mutex_;
    std::map<std::pair<std::string, int>, Slot> slots_;
};

struct Entrance {
    Entrance(const http::Router& routes, Log& lines, Metrics& all)
        : router(routes), log(lines), metrics(all) {}

    const http::Router& router;
    Log& log;
    RouteMetrics metrics;
};

Async<http::Response> enter(std::shared_ptr<Entrance> entrance, http::Request request) {
    const auto begun = system_clock().steady();
    auto match = entrance->router.match(request.method, request.path);
    request.path_parameters = std::move(match.path_parameters);
    const std::string request_id = request.request_id;
    const std::string method(http::name_of(request.method));
    http::Response response = empty_response(match.path_template.empty() ? 404 : 405);
    bool store_away = false;
    if (match.handler != nullptr) {
        try {
            response = co_await (*match.handler)(std::move(request));
        } catch (const coordination::StoreUnavailable&) {
            store_away = true;
        }
    }
    if (store_away) {
        response = error_response(meili::error("miroir_coordination_unavailable",
                                               "The coordination store cannot be reached. Retry later."));
    }
    const std::string_view route = match.path_template.empty() ? "unknown" : match.path_template;
    const double seconds = std::chrono::duration<double>(system_clock().steady() - begun).count();
    entrance->metrics.observe(route, response.status, seconds);
    entrance->log.info("request", {{"request_id", request_id},
                                   {"method", method},
                                   {"route", std::string(route)},
                                   {"status", std::to_string(response.status)},
                                   {"ms", std::to_string(seconds * 1000)}});
    co_return response;
}

}  // namespace

http::Handler make_entrance(const http::Router& router, Log& log, Metrics& metrics) {
    auto entrance = std::make_shared<Entrance>(router, log, metrics);
    return [entrance](http::Request request) { return enter(entrance, std::move(request)); };
}

bool is_read(const http::Request& request) {
    if (request.method != http::Method::post) {
        return request.method == http::Method::get || request.method == http::Method::head;
    }
    static constexpr std::string_view endings[] = {"/search", "/multi-search", "/fetch"};
    return std::any_of(std::begin(endings), std::end(endings),
                       [&](std::string_view ending) { return request.path.ends_with(ending); });
}

namespace {

// "100 MB", or "10 MiB" when the limit is a multiple of 1024.
std::string limit_text(std::uint64_t bytes) {
    const bool binary = bytes % 1024 == 0;
    const std::uint64_t step = binary ? 1024 : 1000;
    static constexpr const char* decimal[] = {"B", "KB", "MB", "GB"};
    static constexpr const char* powers[] = {"B", "KiB", "MiB", "GiB"};
    std::size_t unit = 0;
    while (unit < 3 && bytes >= step && bytes % step == 0) {
        bytes /= step;
        ++unit;
    }
    return std::to_string(bytes) + " " + (binary ? powers[unit] : decimal[unit]);
}

}  // namespace

namespace {

http::Response answer_to(http::ServerFault fault, const std::string& limit, const std::string& detail) {
    switch (fault) {
        case http::ServerFault::payload_too_large:
            return error_response(
                meili::error("payload_too_large",
                             "The provided payload reached the size limit. The maximum accepted payload "
                             "size is " +
                                 limit + "."));
        case http::ServerFault::headers_too_large:
            return error_response(meili::error(
                "miroir_headers_too_large", "The head of the request is larger than " + detail + " bytes."));
        case http::ServerFault::malformed_request:
            return error_response(meili::error("bad_request", "The request is malformed: " + detail + "."));
        case http::ServerFault::body_incomplete:
            return error_response(
                meili::error("bad_request", "The provided payload is incomplete and cannot be parsed"));
        case http::ServerFault::overloaded:
            return error_response(meili::error("miroir_overloaded", detail + " Retry later."));
        case http::ServerFault::internal:
            break;
    }
    return error_response(meili::error("internal", "An internal error has occurred."));
}

}  // namespace

http::FaultRenderer make_fault_renderer(std::uint64_t body_bytes_max, Log& log, Metrics& metrics) {
    const auto limit = limit_text(body_bytes_max);
    const auto counts = std::make_shared<RouteMetrics>(metrics);
    return [limit, counts, &log](http::ServerFault fault, const http::Request& request, std::string detail) {
        auto response = answer_to(fault, limit, detail);
        const std::string route = "refused";
        counts->observe(route, response.status, 0);
        log.info("request", {{"request_id", request.request_id},
                             {"method", std::string(http::name_of(request.method))},
                             {"route", route},
                             {"status", std::to_string(response.status)}});
        return response;
    };
}

}  // namespace miroir::api
