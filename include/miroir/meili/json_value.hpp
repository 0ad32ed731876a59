#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "miroir/base/result.hpp"
#include "miroir/meili/json_syntax.hpp"

namespace miroir::meili {

enum class JsonKind { null, boolean, number, string, array, object };

struct JsonMember;

// A parsed request body. Members keep their order; of equal keys the last value counts, at the first's place.
struct JsonValue {
    JsonKind kind = JsonKind::null;
    bool boolean = false;
    JsonNumber number;
    std::string string;
    std::vector<JsonValue> items;
    std::vector<JsonMember> members;
    // The value as it was sent; points into the parsed text.
    std::string_view raw;

    bool is_null() const { return kind == JsonKind::null; }
    const JsonValue* find(std::string_view key) const;
};

struct JsonMember {
    std::string key;
    JsonValue value;
};

Result<JsonValue, SyntaxError> parse_json(std::string_view text);

// Compact, as serde_json prints it (numbers are reprinted, keys keep their order).
std::string print(const JsonValue& value);
void append_json(std::string& out, const JsonValue& value);
void append_json_number(std::string& out, const JsonNumber& number);

// A double as serde_json prints it: "1.5", "3.0", "1e+21".
void append_json_double(std::string& out, double value);

}  // namespace miroir::meili
