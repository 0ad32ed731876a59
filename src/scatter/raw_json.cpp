#include "raw_json.hpp"

#include "miroir/meili/json_syntax.hpp"
#include "miroir/meili/markers.hpp"

namespace miroir::scatter {

std::string_view unquoted(std::string_view json_string, Scratch& scratch) {
    if (json_string.size() < 2) {
        return {};
    }
    const auto inside = json_string.substr(1, json_string.size() - 2);
    if (inside.find('\\') == std::string_view::npos) {
        return inside;
    }
    std::string text;
    meili::JsonCursor cursor(json_string, 1);
    return cursor.read_string(&text) ? scratch.keep(std::move(text)) : inside;
}

std::string_view expiry_member(std::string_view json_string, Scratch& scratch) {
    const auto time = meili::parse_digits(unquoted(json_string, scratch));
    if (!time) {
        return {};
    }
    return scratch.keep("\"" + std::string(meili::expiry_field) + "\":" + std::to_string(*time));
}

}  // namespace miroir::scatter
