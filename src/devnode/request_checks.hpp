#pragma once

#include <optional>
#include <string_view>

#include "miroir/base/result.hpp"
#include "miroir/http/message.hpp"
#include "miroir/meili/content_type.hpp"

namespace miroir::devnode {

inline std::optional<std::string_view> content_type_of(const http::Request& request) {
    const auto* type = request.header("content-type");
    return type ? std::optional<std::string_view>(*type) : std::nullopt;
}

// The body is declared to be JSON.
inline Result<void> check_json(const http::Request& request) {
    return meili::check_json_content_type(content_type_of(request));
}

}  // namespace miroir::devnode
