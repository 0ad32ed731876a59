#include "document_fault.hpp"

#include "miroir/meili/error.hpp"
#include "miroir/meili/json_syntax.hpp"
#include "miroir/meili/json_value.hpp"
#include "miroir/meili/utf8.hpp"
#include "rust_debug.hpp"

namespace miroir::meili {
namespace {

constexpr std::string_view trailing_characters = "trailing characters";
constexpr std::string_view wrong_root = "data are neither an object nor a list of objects";

ApiError malformed(PayloadFormat format, const JsonCursor& cursor) {
    return malformed_documents(format, cursor.error().text());
}

// Why serde_json cannot make a map of a value's raw text; empty when it can.
std::optional<ApiError> element_fault(std::string_view element, PayloadFormat format) {
    if (!element.starts_with('{')) {
        bool is_syntax_error = false;
        std::string reason = wrong_type(element, "a map", is_syntax_error);
        return is_syntax_error ? malformed_documents(format, reason) : error("internal", std::move(reason));
    }
    JsonCursor cursor(element, 1);
    std::string name;
    for (bool first = true, more = true;;) {
        if (!cursor.next_member(first, more, &name)) {
            return malformed(format, cursor);
        }
        if (!more) {
            return std::nullopt;
        }
        cursor.peek();
        if (!cursor.skip_value()) {
            return malformed(format, cursor);
        }
    }
}

// Takes one value. False: `cursor` holds the error.
bool take_raw(JsonCursor& cursor, std::string_view body, std::string_view& raw) {
    const std::size_t start = cursor.offset();
    if (!cursor.skip_value()) {
        return false;
    }
    raw = body.substr(start, cursor.offset() - start);
    return is_utf8(raw) || cursor.fail_here("invalid unicode code point");
}

// A list whose element is refused is still read up to the next comma or bracket, whose error wins.
ApiError after_bad_element(JsonCursor& cursor, ApiError element_error, PayloadFormat format) {
    const auto next = cursor.peek();
    if (!next) {
        cursor.fail_at_peek("EOF while parsing a list");
    } else if (*next == ']') {
        return element_error;
    } else if (*next == ',') {
        cursor.take();
        cursor.fail_at_peek(cursor.peek() == ']' ? "trailing comma" : trailing_characters);
    } else {
        cursor.fail_at_peek(trailing_characters);
    }
    return malformed(format, cursor);
}

ApiError list_fault(std::string_view body, JsonCursor cursor) {
    cursor.take();
    std::string_view raw;
    for (bool first = true, more = true;;) {
        if (!cursor.next_element(first, more)) {
            return malformed(PayloadFormat::json, cursor);
        }
        if (!more) {
            return malformed_documents(PayloadFormat::json, wrong_root);
        }
        if (!take_raw(cursor, body, raw)) {
            return malformed(PayloadFormat::json, cursor);
        }
        if (auto fault = element_fault(raw, PayloadFormat::json)) {
            return after_bad_element(cursor, *std::move(fault), PayloadFormat::json);
        }
    }
}

ApiError json_fault(std::string_view body) {
    JsonCursor cursor(body);
    const auto first = cursor.peek();
    if (first == '[') {
        return list_fault(body, cursor);
    }
    const auto fault = check_json(body);
    if (!fault || (first != '{' && fault->message == trailing_characters)) {
        return malformed_documents(PayloadFormat::json, wrong_root);
    }
    return malformed_documents(PayloadFormat::json, fault->text());
}

// Whether a word or number may end in front of `next`.
bool ends_scalar(char next) {
    return std::string_view(" \n\t\r\"[]{},:").find(next) != std::string_view::npos;
}

ApiError ndjson_fault(std::string_view body) {
    JsonCursor cursor(body);
    std::string_view raw;
    while (const auto first = cursor.peek()) {
        if (!take_raw(cursor, body, raw)) {
            return malformed(PayloadFormat::ndjson, cursor);
        }
        const bool delimits_itself = *first == '[' || *first == '{' || *first == '"';
        if (!delimits_itself && cursor.offset() < body.size() && !ends_scalar(body[cursor.offset()])) {
            cursor.fail_at_peek(trailing_characters);
            return malformed(PayloadFormat::ndjson, cursor);
        }
        if (auto fault = element_fault(raw, PayloadFormat::ndjson)) {
            return *std::move(fault);
        }
    }
    return malformed_documents(PayloadFormat::ndjson, wrong_root);
}

std::string kind_of(const JsonValue& value) {
    switch (value.kind) {
        case JsonKind::null:
            return "null";
        case JsonKind::boolean:
            return value.boolean ? "boolean `true`" : "boolean `false`";
        case JsonKind::number: {
            const bool real = value.number.kind == JsonNumber::Kind::real;
            return (real ? "floating point `" : "integer `") + print(value) + "`";
        }
        case JsonKind::string:
            return "string " + rust_debug(value.string);
        case JsonKind::array:
            return "sequence";
        case JsonKind::object:
            return "map";
    }
    return "";
}

}  // namespace

ApiError malformed_documents(PayloadFormat format, std::string_view reason) {
    std::string message = "The `";
    message += name_of(format);
    message += "` payload provided is malformed. `Couldn't serialize document value: ";
    message += reason;
    message += "`.";
    return error("malformed_payload", std::move(message));
}

std::string wrong_type(std::string_view value, std::string_view expected, bool& is_syntax_error) {
    const bool container = value.starts_with('[') || value.starts_with('{');
    std::string kind = value.starts_with('[') ? "sequence" : "map";
    if (!container) {
        const auto parsed = parse_json(value);
        is_syntax_error = !parsed;
        if (!parsed) {
            return parsed.error().text();
        }
        kind = kind_of(parsed.value());
    }
    std::string reason = "invalid type: " + kind + ", expected ";
    reason += expected;
    reason += " at line 1 column " + std::to_string(container ? 0 : value.size());
    return reason;
}

DocumentJudgement judge_document(std::string_view document) {
    DocumentJudgement judgement;
    JsonCursor cursor(document, 1);
    std::string name;
    for (bool first = true, more = true;;) {
        if (!cursor.next_member(first, more, &name)) {
            judgement.good_names = false;
            return judgement;
        }
        if (!more) {
            return judgement;
        }
        cursor.peek();
        const std::size_t start = cursor.offset();
        if (!cursor.skip_value()) {
            judgement.good_names = false;
            return judgement;
        }
        if (judgement.unreadable.empty()) {
            if (const auto fault = check_json(document.substr(start, cursor.offset() - start))) {
                judgement.unreadable = fault->text();
            }
        }
    }
}

ApiError document_fault(std::string_view body, PayloadFormat format) {
    return format == PayloadFormat::ndjson ? ndjson_fault(body) : json_fault(body);
}

}  // namespace miroir::meili
