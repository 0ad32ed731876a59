#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "miroir/base/clock.hpp"
#include "miroir/http/body_source.hpp"
#include "miroir/http/message.hpp"
#include "miroir/runtime/async.hpp"

namespace miroir::http {

// Why there is no complete answer.
enum class ExchangeFault {
    not_connected,  // refused, unreachable, pool full: no byte of the request has left
    interrupted,    // reset or closed after bytes may have left
    timed_out,      // deadline passed; bytes may have left
    malformed,      // the peer's answer is not HTTP, or larger than the limit
};

struct ExchangeFailure {
    ExchangeFault fault;
    std::string detail;
};

// The body is a gather list, whose memory is owned elsewhere and outlives the call (the caller holds it), and
// then what `source` makes.
struct OutgoingRequest {
    Method method = Method::get;
    std::string target;  // path and query, encoded
    Headers headers;
    std::vector<std::string_view> body;
    std::shared_ptr<BodySource> source;  // may be empty; of this request alone
    // Only for requests that may be repeated: on a kept-alive connection that the peer closed before
    // answering a byte, try once more on a fresh one.
    bool repeatable = false;
};

struct ClientOptions {
    std::uint32_t connections_per_thread_max = 64;
    std::chrono::milliseconds connect_timeout{1'000};
    std::chrono::milliseconds idle_timeout{30'000};
    std::uint64_t response_bytes_max = 1'000'000'000;
};

// Keep-alive connections to one peer (http://host:port), pooled per I/O thread: an exchange runs on the
// executor of the coroutine that awaits it. Cancelling the coroutine closes its connection.
class Client {
public:
    virtual ~Client() = default;
    // The answer's body is whole, decompressed, and has 64 readable bytes after its end.
    virtual Async<std::variant<Response, ExchangeFailure>> exchange(OutgoingRequest request,
                                                                    Deadline deadline) = 0;
};

std::unique_ptr<Client> make_client(std::string base_url, ClientOptions options);

}  // namespace miroir::http
