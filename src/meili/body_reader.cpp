#include "miroir/meili/body_reader.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "miroir/meili/error.hpp"
#include "miroir/meili/json_text.hpp"
#include "miroir/meili/utf8.hpp"

namespace miroir::meili {
namespace {

constexpr std::array<std::string_view, 8> kind_names{
    "null",     "a boolean", "a positive integer", "a negative integer",
    "a number", "a string",  "an array",           "an object"};

Expected kind_of(const JsonValue& value) {
    switch (value.kind) {
        case JsonKind::null:
            return Expected::null;
        case JsonKind::boolean:
            return Expected::boolean;
        case JsonKind::string:
            return Expected::string;
        case JsonKind::array:
            return Expected::array;
        case JsonKind::object:
            return Expected::object;
        case JsonKind::number:
            break;
    }
    switch (value.number.kind) {
        case JsonNumber::Kind::positive:
            return Expected::positive_integer;
        case JsonNumber::Kind::negative:
            return Expected::negative_integer;
        default:
            return Expected::number;
    }
}

// "a", "a or b", "a, b, or c"; integer kinds next to each other are named together.
std::string describe(std::initializer_list<Expected> expected) {
    std::vector<Expected> kinds(expected);
    std::ranges::sort(kinds);
    std::vector<std::string_view> names;
    for (std::size_t i = 0; i < kinds.size(); ++i) {
        const auto next_is = [&](Expected kind) { return i + 1 < kinds.size() && kinds[i + 1] == kind; };
        const bool integer = kinds[i] == Expected::positive_integer || kinds[i] == Expected::negative_integer;
        if (integer && next_is(Expected::number)) {
            continue;
        }
        if (kinds[i] == Expected::positive_integer && next_is(Expected::negative_integer)) {
            if (i + 2 < kinds.size() && kinds[i + 2] == Expected::number) {
                continue;
            }
            names.push_back("an integer");
            ++i;
            continue;
        }
        names.push_back(kind_names[static_cast<std::size_t>(kinds[i])]);
    }
    std::string out;
    for (std::size_t i = 0; i < names.size(); ++i) {
        const bool last = i + 1 == names.size();
        if (i > 0) {
            out += last ? (names.size() == 2 ? " or " : ", or ") : ", ";
        }
        out += names[i];
    }
    return out;
}

// " at `.limit`" for the words around it, or nothing for the whole request.
std::string located(const Place& place, std::string_view body_word, std::string_view query_word) {
    const std::string path = place.path();
    if (path.empty()) {
        return {};
    }
    std::string out(place.form == Form::body ? body_word : query_word);
    append_quoted(out, path);
    return out;
}

// Distance of words in code points with transpositions that may span edits.
std::size_t damerau_levenshtein(const std::u32string& left, const std::u32string& right) {
    const std::size_t columns = right.size() + 2;
    const std::size_t infinite = left.size() + right.size();
    std::vector<std::size_t> table((left.size() + 2) * columns);
    const auto cell = [&](std::size_t i, std::size_t j) -> std::size_t& { return table[i * columns + j]; };
    cell(0, 0) = infinite;
    for (std::size_t i = 0; i <= left.size(); ++i) {
        cell(i + 1, 0) = infinite;
        cell(i + 1, 1) = i;
    }
    for (std::size_t j = 0; j <= right.size(); ++j) {
        cell(0, j + 1) = infinite;
        cell(1, j + 1) = j;
    }
    const auto last_row_of = [&](char32_t point, std::size_t before) {
        while (before > 0 && left[before - 1] != point) {
            --before;
        }
        return before;
    };
    for (std::size_t i = 1; i <= left.size(); ++i) {
        std::size_t last_match = 0;
        for (std::size_t j = 1; j <= right.size(); ++j) {
            const bool same = left[i - 1] == right[j - 1];
            const std::size_t row = last_row_of(right[j - 1], i - 1);
            const std::size_t transposed = cell(row, last_match) + (i - row - 1) + 1 + (j - last_match - 1);
            cell(i + 1, j + 1) =
                std::min({cell(i, j) + (same ? 0 : 1), cell(i + 1, j) + 1, cell(i, j + 1) + 1, transposed});
            if (same) {
                last_match = j;
            }
        }
    }
    return cell(left.size() + 1, right.size() + 1);
}

template <class Integer>
Result<void> read_unsigned(const Place& place, Integer& out) {
    const JsonValue& value = place.value;
    if (value.kind != JsonKind::number || value.number.kind != JsonNumber::Kind::positive) {
        return wrong_kind(place, {Expected::positive_integer});
    }
    constexpr std::uint64_t max = std::numeric_limits<Integer>::max();
    if (value.number.positive > max) {
        return invalid_value(place, "value: `" + std::to_string(value.number.positive) +
                                        "` is too large to be deserialized, maximum value authorized is `" +
                                        std::to_string(max) + "`");
    }
    out = static_cast<Integer>(value.number.positive);
    return ok();
}

std::vector<std::string_view> names_of(std::span<const Field> fields) {
    std::vector<std::string_view> names;
    names.reserve(fields.size());
    for (const Field& field : fields) {
        names.push_back(field.name);
    }
    return names;
}

}  // namespace

std::string Place::path() const {
    if (outer == nullptr) {
        return {};
    }
    std::string out = outer->path();
    if (index) {
        out += '[';
        out += std::to_string(*index);
        out += ']';
        return out;
    }
    if (form == Form::body || !out.empty()) {
        out += '.';
    }
    out += key;
    return out;
}

std::string did_you_mean(std::string_view received, std::span<const std::string_view> known) {
    const std::size_t length = received.size();
    if (length <= 3) {
        return {};
    }
    const std::size_t allowed = length <= 7 ? 1 : length <= 12 ? 2 : length <= 17 ? 3 : length <= 24 ? 4 : 5;
    // A code point has at most four bytes: such a word is too long to be near any name.
    const auto longest = std::ranges::max_element(known, {}, &std::string_view::size);
    if (longest == known.end() || length > 4 * (longest->size() + allowed)) {
        return {};
    }
    const std::u32string word = to_code_points(received);
    std::string_view nearest;
    std::size_t best = allowed + 1;
    for (const std::string_view name : known) {
        const std::size_t distance = damerau_levenshtein(word, to_code_points(name));
        if (distance < best) {
            best = distance;
            nearest = name;
        }
    }
    return best <= allowed ? "did you mean `" + std::string(nearest) + "`? " : std::string();
}

ApiError wrong_kind(const Place& place, std::initializer_list<Expected> expected) {
    std::string message = "Invalid value type" + located(place, " at ", " for parameter ") + ": expected " +
                          describe(expected) + ", but found ";
    const Expected found = kind_of(place.value);
    message += kind_names[static_cast<std::size_t>(found)];
    if (found != Expected::null) {
        message += ": ";
        append_quoted(message, print(place.value));
    }
    return error(place.code, std::move(message));
}

ApiError invalid_value(const Place& place, std::string_view message) {
    std::string text = "Invalid value" + located(place, " at ", " in parameter ") + ": ";
    text += message;
    return error(place.code, std::move(text));
}

ApiError missing_field(const Place& place, std::string_view name, std::string_view code) {
    std::string message = place.form == Form::body ? "Missing field " : "Missing parameter ";
    append_quoted(message, name);
    message += located(place, " inside ", " inside ");
    return error(code, std::move(message));
}

ApiError unknown_field(const Place& place, std::string_view name, std::span<const std::string_view> known) {
    std::string message = place.form == Form::body ? "Unknown field " : "Unknown parameter ";
    append_quoted(message, name);
    message += located(place, " inside ", " inside ") + ": " + did_you_mean(name, known) +
               "expected one of " + quoted_list(known);
    return error(place.code, std::move(message));
}

ApiError unknown_value(const Place& place, std::string_view name, std::span<const std::string_view> known) {
    std::string message = "Unknown value ";
    append_quoted(message, name);
    message += located(place, " at ", " for parameter ") + ": " + did_you_mean(name, known) +
               "expected one of " + quoted_list(known);
    return error(place.code, std::move(message));
}

ApiError immutable_field(std::string_view name, std::span<const std::string_view> known,
                         std::string_view code) {
    std::string message = "Immutable field ";
    append_quoted(message, name);
    return error(code, message + ": expected one of " + quoted_list(known));
}

Result<void> read(const Place& place, bool& out) {
    if (place.value.kind != JsonKind::boolean) {
        return wrong_kind(place, {Expected::boolean});
    }
    out = place.value.boolean;
    return ok();
}

Result<void> read(const Place& place, std::uint64_t& out) {
    return read_unsigned(place, out);
}
Result<void> read(const Place& place, std::uint32_t& out) {
    return read_unsigned(place, out);
}
Result<void> read(const Place& place, std::uint8_t& out) {
    return read_unsigned(place, out);
}

Result<void> read(const Place& place, double& out) {
    if (place.value.kind != JsonKind::number) {
        return wrong_kind(place, {Expected::number, Expected::positive_integer, Expected::negative_integer});
    }
    const JsonNumber& number = place.value.number;
    switch (number.kind) {
        case JsonNumber::Kind::positive:
            out = static_cast<double>(number.positive);
            break;
        case JsonNumber::Kind::negative:
            out = static_cast<double>(number.negative);
            break;
        case JsonNumber::Kind::real:
            out = number.real;
    }
    return ok();
}

Result<void> read(const Place& place, std::string& out) {
    if (place.value.kind != JsonKind::string) {
        return wrong_kind(place, {Expected::string});
    }
    out = place.value.string;
    return ok();
}

Result<void> read(const Place& place, JsonValue& out) {
    out = place.value;
    return ok();
}

Result<std::size_t> read_choice(const Place& place, std::span<const std::string_view> names) {
    if (place.value.kind != JsonKind::string) {
        return wrong_kind(place, {Expected::string});
    }
    const auto found = std::ranges::find(names, place.value.string);
    if (found == names.end()) {
        return unknown_value(place, place.value.string, names);
    }
    return static_cast<std::size_t>(found - names.begin());
}

Result<void> read_raw(const Place& place, std::string& out) {
    out = place.value.raw;
    return ok();
}

Result<void> read_optional_raw(const Place& place, std::optional<std::string>& out) {
    out.reset();
    if (!place.value.is_null()) {
        out.emplace(place.value.raw);
    }
    return ok();
}

Result<void> read_object(const Place& place, std::span<const Field> fields, const ObjectRules& rules) {
    if (place.value.kind != JsonKind::object) {
        return wrong_kind(place, {Expected::object});
    }
    for (const JsonMember& member : place.value.members) {
        const auto known = std::ranges::find(fields, member.key, &Field::name);
        if (known != fields.end()) {
            auto done = known->read(place.member(member.key, member.value, known->code), known->target);
            if (!done) {
                return done;
            }
            continue;
        }
        if (rules.ignore_unknown) {
            continue;
        }
        const auto names = names_of(fields);
        if (rules.on_unknown != nullptr) {
            if (auto refusal = rules.on_unknown(member.key, names)) {
                return *std::move(refusal);
            }
        }
        return unknown_field(place, member.key, names);
    }
    for (const Field& field : fields) {
        if (field.is_required && place.value.find(field.name) == nullptr) {
            const std::string_view code = field.missing_code.empty() ? place.code : field.missing_code;
            return missing_field(place, field.name, code);
        }
    }
    return ok();
}

Result<JsonValue> parse_body(std::string_view body) {
    auto parsed = parse_json(body);
    if (parsed) {
        return std::move(parsed).value();
    }
    const SyntaxError& fault = parsed.error();
    if (fault.end_of_input && fault.line == 1 && fault.column == 0) {
        return error("missing_payload", "A json payload is missing.");
    }
    return error("malformed_payload", "The json payload provided is malformed. `" + fault.text() + "`.");
}

}  // namespace miroir::meili
