#include "raw_json.hpp"

#include "miroir/meili/json_syntax.hpp"

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

}  // namespace miroir::scatter
