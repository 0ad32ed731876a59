#pragma once

#include <string>
#include <string_view>

#include "miroir/http/message.hpp"

namespace miroir::http {

Method method_named(std::string_view name);

// Sets path and query: without scheme and host, repeated slashes merged, trailing ones dropped.
void set_target(Request& request, std::string_view target);

// Headers by which nodes and proxies talk among themselves must not come from clients.
bool is_internal_header(std::string_view name);

// The client's own X-Request-Id when it is 1 to 128 printable characters, else a fresh one.
std::string request_id_for(const Headers& headers);

}  // namespace miroir::http
