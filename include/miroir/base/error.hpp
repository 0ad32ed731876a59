#pragma once

#include <string>
#include <string_view>

namespace miroir {

// What a client is told when its request fails, in Meilisearch's shape. `type` is one of
// invalid_request, internal, auth, system. Built through meili::error(code, message), which knows
// the status, type and link of every code; relayed node errors keep what the node said.
struct ApiError {
    int status = 500;
    std::string code;
    std::string type;
    std::string message;
    std::string link;

    friend bool operator==(const ApiError&, const ApiError&) = default;
};

}  // namespace miroir
