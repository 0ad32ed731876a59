#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "miroir/base/error.hpp"
#include "miroir/base/log.hpp"
#include "miroir/base/metrics.hpp"
#include "miroir/http/message.hpp"
#include "miroir/runtime/async.hpp"

namespace miroir::http {

struct ServerLimits {
    std::uint64_t body_bytes_max = 100'000'000;  // after decompression
    // All bodies that are being received or handled, together; bodies up to 16 KiB do not count.
    std::uint64_t body_memory_bytes_max = 512ULL << 20;
    std::uint64_t header_bytes_max = 65'536;
    std::uint32_t connections_max = 10'000;
    std::uint32_t requests_in_flight_max = 1'000;
    std::chrono::milliseconds idle_timeout{75'000};
    std::chrono::milliseconds header_timeout{10'000};
    // How long the next part of a body may take to come: at least one byte, and as many as the least rate
    // says.
    std::chrono::milliseconds body_timeout{30'000};
    std::uint64_t body_bytes_per_second_min = std::uint64_t{16} * 1024;
    std::chrono::milliseconds request_timeout{60'000};
};

// What the server itself must be able to say; the renderer makes Meilisearch's answer of it.
enum class ServerFault {
    payload_too_large,
    headers_too_large,
    malformed_request,
    body_incomplete,
    overloaded,
    internal
};

using Handler = std::function<Async<Response>(Request)>;
// The answer for a fault of the HTTP layer. `detail` is for people: the limit in bytes, the parser's text, a
// sentence about what there is too much of.
using FaultRenderer = std::function<Response(ServerFault fault, const Request& request, std::string detail)>;

// HTTP/1.1, keep-alive, one listener on several I/O threads. gzip, deflate and br in both directions.
// Adds permissive CORS as Meilisearch does and answers preflights. A handler that throws gives
// ServerFault::internal, logged once.
class Server {
public:
    virtual ~Server() = default;
    // The bound port (the configured one, or the kernel's choice for 0).
    virtual std::uint16_t port() const = 0;
    // Stops accepting, lets requests in flight end until `deadline`, then closes every connection.
    virtual Async<void> drain(Deadline deadline) = 0;
};

struct ServerOptions {
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;
    ServerLimits limits;
    // CIDR blocks whose X-Forwarded-For is believed.
    std::vector<std::string> trusted_proxies;
    bool cors = true;
    // The requests whose handler is cancelled when the client closes its connection, or only its sending
    // side, meanwhile. Empty: none.
    std::function<bool(const Request& request)> may_be_abandoned;
    // How soon that is noticed.
    std::chrono::milliseconds departure_interval{100};
    // Response bodies over this many bytes are compressed when the client accepts it.
    std::uint64_t compress_from_bytes = 1024;
};

// Accepts on `executors[0]` and spreads connections over all of them (each a single-threaded io_context's
// executor). Binds before it returns; throws std::system_error when it cannot.
std::unique_ptr<Server> start_server(std::vector<Executor> executors, ServerOptions options, Handler handler,
                                     FaultRenderer renderer, Log& log, Metrics& metrics);

}  // namespace miroir::http
