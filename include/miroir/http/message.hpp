#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "miroir/base/clock.hpp"

namespace miroir::http {

enum class Method { get, post, put, patch, del, options, head, other };
std::string_view name_of(Method method);

// Names compare without regard to case; order is kept.
using Headers = std::vector<std::pair<std::string, std::string>>;
const std::string* find_header(const Headers& headers, std::string_view name);

// May a request have so many bytes in memory: yes, not before other uploads are done, or more than any may
// have?
enum class Room { enough, not_now, never };

// A request as it reached us: the body whole and decompressed.
struct Request {
    Method method = Method::get;
    // Percent-encoded path without query, trailing slash removed (except for "/").
    std::string path;
    // After the '?', undecoded; empty when there is none.
    std::string query;
    Headers headers;
    // Has at least 64 readable bytes of capacity after its end (simdjson's padding).
    std::string body;
    // Address of the peer, or of the client behind a trusted proxy.
    std::string client_ip;
    // What the log and the answer call this request.
    std::string request_id;
    Deadline deadline{SteadyTime::max()};
    // Asked by a handler that makes something larger of the body, for both together; what was allowed counts
    // until the request is answered. Only while the handler runs. Empty when nothing is limited.
    std::function<Room(std::uint64_t bytes)> room_for;
    // Captured `{name}` segments of the matched route, percent-decoded.
    std::vector<std::pair<std::string, std::string>> path_parameters;

    const std::string* header(std::string_view name) const { return find_header(headers, name); }
    // Must exist in the route's template.
    const std::string& path_parameter(std::string_view name) const;
};

struct Response {
    int status = 200;
    // content-length and connection are set by the server.
    Headers headers;
    std::string body;
};

// 200 application/json.
Response json_response(std::string body, int status = 200);

}  // namespace miroir::http
