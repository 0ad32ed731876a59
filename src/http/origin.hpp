#pragma once

#include <string>
#include <string_view>

#include "miroir/http/client.hpp"

namespace miroir::http {

// Where a client's requests go.
struct Origin {
    std::string host;
    std::string port;
    std::string authority;  // as the Host header says it
    std::string prefix;     // of every target; without trailing slash
};

// Of "http://host:port/prefix"; throws std::invalid_argument.
Origin parse_origin(std::string_view base_url);

// Request line and headers, ready to be sent before the body.
std::string request_head(const Origin& origin, const OutgoingRequest& request);

}  // namespace miroir::http
