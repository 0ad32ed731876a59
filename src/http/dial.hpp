#pragma once

#include <memory>
#include <string>
#include <variant>

#include "origin.hpp"
#include "timed_socket.hpp"

namespace miroir::http {

// A new connection to the first address of the origin that answers, or why there is none.
Async<std::variant<std::shared_ptr<TimedSocket>, std::string>> dial(Origin origin, SteadyTime until);

}  // namespace miroir::http
