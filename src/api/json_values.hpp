#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace miroir::api {

inline nlohmann::ordered_json text_or_null(const std::optional<std::string>& text) {
    return text ? nlohmann::ordered_json(*text) : nlohmann::ordered_json(nullptr);
}

}  // namespace miroir::api
