#pragma once

#include <string>
#include <string_view>

#include "miroir/base/error.hpp"

namespace miroir::meili {

// The error of Meilisearch's (or miroir's own `miroir_*`) `code` with status, type and link filled in
// from the table of codes. An unknown code is a bug: 500 `internal`.
ApiError error(std::string_view code, std::string message);

// miroir_overloaded as 429: the client writes faster than the nodes work.
ApiError slow_down(std::string message);

// {"message","code","type","link"} in this order, as compact JSON.
std::string to_json(const ApiError& error);

// miroir_idempotency_key_reused.
ApiError idempotency_key_reused();

// Index `x` not found.
ApiError index_not_found(std::string_view logical_uid);

}  // namespace miroir::meili
