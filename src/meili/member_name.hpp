#pragma once

#include <string>
#include <string_view>

#include "miroir/meili/json_syntax.hpp"

namespace miroir::meili {

// A well-formed string's text without its escapes; empty when they do not make Unicode text.
inline std::string plain_name(std::string_view raw) {
    if (raw.find('\\') == std::string_view::npos) {
        return std::string(raw);
    }
    const std::string quoted = std::string(raw) + '"';
    std::string name;
    if (!JsonCursor(quoted).read_string(&name)) {
        name.clear();
    }
    return name;
}

inline bool is_named(std::string_view raw, std::string_view name) {
    return raw == name ||
           (raw.size() > name.size() && raw.find('\\') != std::string_view::npos && plain_name(raw) == name);
}

}  // namespace miroir::meili
