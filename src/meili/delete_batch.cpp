#include <cstdint>
#include <limits>

#include "miroir/meili/error.hpp"
#include "miroir/meili/json_text.hpp"
#include "miroir/meili/json_value.hpp"
#include "miroir/meili/requests.hpp"

namespace miroir::meili {
namespace {

std::string describe(const JsonValue& value) {
    switch (value.kind) {
        case JsonKind::null:
            return "null";
        case JsonKind::boolean:
            return value.boolean ? "boolean `true`" : "boolean `false`";
        case JsonKind::string:
            return "string " + debug_string(value.string);
        case JsonKind::object:
            return "map";
        case JsonKind::array:
            return "sequence";
        case JsonKind::number:
            break;
    }
    const bool real = value.number.kind == JsonNumber::Kind::real;
    return (real ? "floating point `" : "integer `") + print(value) + "`";
}

ApiError malformed(const SyntaxError& fault) {
    if (fault.end_of_input && fault.line == 1 && fault.column == 0) {
        return error("missing_payload", "A json payload is missing.");
    }
    return error("malformed_payload", "The json payload provided is malformed. `" + fault.text() + "`.");
}

}  // namespace

// The engine deserializes this body straight into a list: it stops at the first byte that shows another kind.
Result<std::vector<std::string>> parse_delete_batch(std::string_view body) {
    // A printed number may be four times as long as it was; DocumentIds holds 4 GiB.
    if (body.size() > std::numeric_limits<std::uint32_t>::max() / 4) {
        return error("payload_too_large", "The provided payload reached the size limit.");
    }
    JsonCursor cursor(body);
    const auto first = cursor.peek();
    JsonValue value;
    if (first == '{') {
        value.kind = JsonKind::object;
    } else if (!cursor.read_value(&value)) {
        return malformed(cursor.error());
    }
    if (value.kind != JsonKind::array) {
        cursor.fail_here("invalid type: " + describe(value) + ", expected a sequence");
        return error("bad_request", "Json deserialize error: " + cursor.error().text());
    }
    if (!cursor.finish()) {
        return malformed(cursor.error());
    }
    std::vector<std::string> ids;
    ids.reserve(value.items.size());
    for (JsonValue& id : value.items) {
        ids.push_back(id.kind == JsonKind::string ? std::move(id.string) : print(id));
    }
    return ids;
}

}  // namespace miroir::meili
