#pragma once

#include <string>
#include <string_view>

#include "miroir/stores/postgres/store.hpp"

namespace miroir::stores {

// The URL with what `options` say of time-outs and with keep-alives, where it does not say otherwise itself.
// Throws std::runtime_error when it is no postgres:// URL.
std::string connection_url(const std::string& url, const PostgresStoreOptions& options);

// A message about `url` without its password.
std::string without_password(std::string message, std::string_view url);

}  // namespace miroir::stores
