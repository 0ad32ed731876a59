#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace miroir::bench {

// A whole HTTP answer for a request. Of a long body only the first bytes are seen.
using Answerer = std::function<const std::string&(std::string_view method, std::string_view target,
                                                  std::string_view body)>;

// Listens on 127.0.0.1; the bound port goes to `started`. Serves on the calling thread until the process
// ends.
void serve_http(std::uint16_t port, const std::function<void(std::uint16_t)>& started,
                const Answerer& answerer);

}  // namespace miroir::bench
