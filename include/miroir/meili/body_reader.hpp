#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "miroir/base/result.hpp"
#include "miroir/meili/json_value.hpp"

// Reads JSON bodies and query strings into structs with Meilisearch's messages: the entries of an object are
// visited in the order they came, the first error ends the reading, missing fields are looked for last.
namespace miroir::meili {

enum class Form { body, query };

// A value and where it stands in the request. Lives on the stack of the reading functions.
struct Place {
    const JsonValue& value;
    // The code of the errors found here.
    std::string_view code = "bad_request";
    Form form = Form::body;
    const Place* outer = nullptr;
    // How `outer` names it: a key, or else an index.
    std::string_view key = {};
    std::optional<std::size_t> index = {};

    Place member(std::string_view name, const JsonValue& inner, std::string_view inner_code) const {
        return {inner, inner_code, form, this, name, {}};
    }
    Place element(std::size_t position, const JsonValue& inner) const {
        return {inner, code, form, this, {}, position};
    }
    Place with_code(std::string_view other) const { return {value, other, form, outer, key, index}; }
    // ".queries[1].limit"; "limit" in a query string; empty for the whole.
    std::string path() const;
};

// The kinds a message can expect, in the order it lists them.
enum class Expected { null, boolean, positive_integer, negative_integer, number, string, array, object };

// Invalid value type at `.limit`: expected a positive integer, but found a string: `"doggo"`
ApiError wrong_kind(const Place& place, std::initializer_list<Expected> expected);
// Invalid value at `.limit`: <message>
ApiError invalid_value(const Place& place, std::string_view message);
// Missing field `name` inside `.here`
ApiError missing_field(const Place& place, std::string_view name, std::string_view code);
// Unknown field `name` inside `.here`: did you mean `x`? expected one of `x`, `y`
ApiError unknown_field(const Place& place, std::string_view name, std::span<const std::string_view> known);
// Unknown value `name` at `.here`: ...
ApiError unknown_value(const Place& place, std::string_view name, std::span<const std::string_view> known);
// Immutable field `name`: expected one of `x`, `y`
ApiError immutable_field(std::string_view name, std::span<const std::string_view> known,
                         std::string_view code);
// "did you mean `x`? " or nothing.
std::string did_you_mean(std::string_view received, std::span<const std::string_view> known);

Result<void> read(const Place& place, bool& out);
Result<void> read(const Place& place, std::uint64_t& out);
Result<void> read(const Place& place, std::uint32_t& out);
Result<void> read(const Place& place, std::uint8_t& out);
Result<void> read(const Place& place, double& out);
Result<void> read(const Place& place, std::string& out);
// Any JSON but null, exactly as sent.
Result<void> read(const Place& place, JsonValue& out);

// Null leaves `out` empty.
template <class T>
Result<void> read(const Place& place, std::optional<T>& out);
template <class T>
Result<void> read(const Place& place, std::vector<T>& out);

template <class T>
Result<void> read(const Place& place, std::optional<T>& out) {
    out.reset();
    if (place.value.is_null()) {
        return ok();
    }
    T value{};
    auto done = read(place, value);
    if (done) {
        out = std::move(value);
    }
    return done;
}

template <class T>
Result<void> read(const Place& place, std::vector<T>& out) {
    if (place.value.kind != JsonKind::array) {
        return wrong_kind(place, {Expected::array});
    }
    out.clear();
    out.reserve(place.value.items.size());
    for (std::size_t i = 0; i < place.value.items.size(); ++i) {
        T value{};
        auto done = read(place.element(i, place.value.items[i]), value);
        if (!done) {
            return done;
        }
        out.push_back(std::move(value));
    }
    return ok();
}

// Text of one of `names`; gives its index.
Result<std::size_t> read_choice(const Place& place, std::span<const std::string_view> names);

// The value's JSON exactly as sent.
Result<void> read_raw(const Place& place, std::string& out);
// The same; null leaves `out` empty.
Result<void> read_optional_raw(const Place& place, std::optional<std::string>& out);

// One declared member of an object. Holds a pointer to its target.
struct Field {
    std::string_view name;
    std::string_view code;
    void* target = nullptr;
    Result<void> (*read)(const Place&, void*) = nullptr;
    bool is_required = false;
    // Of the error when a required field is missing; empty: the code of the object.
    std::string_view missing_code = {};

    Field required(std::string_view code_when_missing = {}) const {
        Field field = *this;
        field.is_required = true;
        field.missing_code = code_when_missing;
        return field;
    }
};

template <class T>
Field field(std::string_view name, std::string_view code, T& target) {
    return {name, code, &target,
            [](const Place& place, void* out) { return read(place, *static_cast<T*>(out)); }};
}

// With a reader of its own: field<read_weight>("weight", code, options.weight).
template <auto Read, class T>
Field field(std::string_view name, std::string_view code, T& target) {
    return {name, code, &target,
            [](const Place& place, void* out) { return Read(place, *static_cast<T*>(out)); }};
}

struct ObjectRules {
    bool ignore_unknown = false;
    // Replaces the error for an unknown key when it returns one.
    std::optional<ApiError> (*on_unknown)(std::string_view key,
                                          std::span<const std::string_view> known) = nullptr;
};

Result<void> read_object(const Place& place, std::span<const Field> fields, const ObjectRules& rules = {});

// The body of a JSON route, or missing_payload / malformed_payload. `raw` members point into `body`.
Result<JsonValue> parse_body(std::string_view body);

}  // namespace miroir::meili
