#include "miroir/meili/query_reader.hpp"

#include <algorithm>
#include <cstdlib>
#include <limits>

#include "miroir/meili/error.hpp"
#include "miroir/meili/json_text.hpp"
#include "miroir/meili/utf8.hpp"

namespace miroir::meili {
namespace {

std::optional<unsigned> hex_value(char digit) {
    if (digit >= '0' && digit <= '9') return digit - '0';
    if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
    return std::nullopt;
}

std::string decode_part(std::string_view part) {
    std::string out;
    out.reserve(part.size());
    for (std::size_t i = 0; i < part.size(); ++i) {
        if (part[i] == '+') {
            out += ' ';
            continue;
        }
        if (part[i] == '%' && i + 2 < part.size()) {
            const auto high = hex_value(part[i + 1]);
            const auto low = hex_value(part[i + 2]);
            if (high && low) {
                out += static_cast<char>(*high * 16 + *low);
                i += 2;
                continue;
            }
        }
        out += part[i];
    }
    return is_utf8(out) ? out : to_valid_utf8(out);
}

bool all_digits(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool equals_ignoring_case(std::string_view text, std::string_view lower) {
    return std::ranges::equal(text, lower, [](char a, char b) { return (a | 0x20) == b; });
}

// [digits][.digits][e[sign]digits] with a digit before or behind the point.
bool is_decimal_literal(std::string_view text) {
    const std::size_t mark = text.find_first_of("eE");
    if (mark != std::string_view::npos) {
        std::string_view power = text.substr(mark + 1);
        if (power.starts_with('+') || power.starts_with('-')) {
            power.remove_prefix(1);
        }
        if (power.empty() || !all_digits(power)) {
            return false;
        }
        text = text.substr(0, mark);
    }
    const std::size_t point = text.find('.');
    const std::string_view whole = text.substr(0, point);
    const std::string_view fraction =
        point == std::string_view::npos ? std::string_view() : text.substr(point + 1);
    return all_digits(whole) && all_digits(fraction) && !(whole.empty() && fraction.empty());
}

std::string_view trim(std::string_view text) {
    constexpr std::string_view spaces = " \t\n\r\v\f";
    const std::size_t first = text.find_first_not_of(spaces);
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(spaces) - first + 1);
}

ApiError not_an_integer(const Place& place, std::string_view text) {
    return invalid_value(place, "could not parse `" + std::string(text) + "` as a positive integer");
}

template <class Integer>
Result<void> read_integer(const Place& place, Integer& out) {
    const auto value = to_unsigned(place.value.string, std::numeric_limits<Integer>::max());
    if (!value) {
        return not_an_integer(place, place.value.string);
    }
    out = static_cast<Integer>(*value);
    return ok();
}

template <class T>
Result<void> read_present(const Place& place, std::optional<T>& out,
                          Result<void> (*read_one)(const Place&, T&)) {
    T value{};
    auto done = read_one(place, value);
    if (done) {
        out = value;
    }
    return done;
}

}  // namespace

QueryParameters decode_query(std::string_view raw_query) {
    QueryParameters parameters;
    while (!raw_query.empty()) {
        const std::size_t end = raw_query.find('&');
        const std::string_view part = raw_query.substr(0, end);
        raw_query = end == std::string_view::npos ? std::string_view() : raw_query.substr(end + 1);
        if (part.empty()) {
            continue;
        }
        const std::size_t equals = part.find('=');
        const std::string_view value =
            equals == std::string_view::npos ? std::string_view() : part.substr(equals + 1);
        parameters.emplace_back(decode_part(part.substr(0, equals)), decode_part(value));
    }
    return parameters;
}

JsonValue to_json_value(const QueryParameters& parameters) {
    JsonValue object;
    object.kind = JsonKind::object;
    for (const auto& [name, text] : parameters) {
        auto known = std::ranges::find(object.members, name, &JsonMember::key);
        if (known == object.members.end()) {
            known = object.members.insert(known, JsonMember{name, {}});
        }
        known->value.kind = JsonKind::string;
        known->value.string = text;
    }
    return object;
}

Result<void> read_parameters(const QueryParameters& parameters, std::span<const Field> fields) {
    const JsonValue object = to_json_value(parameters);
    return read_object(Place{.value = object, .form = Form::query}, fields);
}

Result<void> read_query_unsigned(const Place& place, std::uint64_t& out) {
    return read_integer(place, out);
}

Result<void> read_query_unsigned32(const Place& place, std::uint32_t& out) {
    return read_integer(place, out);
}

Result<void> read_query_optional_unsigned(const Place& place, std::optional<std::uint64_t>& out) {
    return read_present(place, out, &read_query_unsigned);
}

Result<void> read_query_optional_unsigned32(const Place& place, std::optional<std::uint32_t>& out) {
    return read_present(place, out, &read_query_unsigned32);
}

Result<void> read_query_boolean(const Place& place, bool& out) {
    const std::string& text = place.value.string;
    if (text != "true" && text != "false") {
        return invalid_value(
            place, "could not parse `" + text + "` as a boolean, expected either `true` or `false`");
    }
    out = text == "true";
    return ok();
}

Result<void> read_query_optional_boolean(const Place& place, std::optional<bool>& out) {
    return read_present(place, out, &read_query_boolean);
}

Result<void> read_query_list(const Place& place, std::optional<std::vector<std::string>>& out) {
    out = split_commas(place.value.string);
    return ok();
}

Result<void> read_query_star_list(const Place& place, StarList<std::string>& out) {
    out.given = true;
    out.items = split_commas(place.value.string);
    if (std::ranges::find(*out.items, "*") != out.items->end()) {
        out.items.reset();
    }
    return ok();
}

Result<void> read_query_star_list32(const Place& place, StarList<std::uint32_t>& out) {
    const auto texts = split_commas(place.value.string);
    bool star = false;
    std::vector<std::uint32_t> values;
    for (std::size_t i = 0; i < texts.size(); ++i) {
        if (texts[i] == "*") {
            star = true;
            continue;
        }
        const auto value = to_unsigned(texts[i], std::numeric_limits<std::uint32_t>::max());
        if (!value) {
            return not_an_integer(texts.size() > 1 ? place.element(i, place.value) : place, texts[i]);
        }
        values.push_back(static_cast<std::uint32_t>(*value));
    }
    out.given = true;
    out.items.reset();
    if (!star) {
        out.items = std::move(values);
    }
    return ok();
}

Result<void> read_query_impossible_boolean(const Place& place, std::optional<bool>&) {
    return error(place.code, "Invalid value type for parameter `" + place.path() +
                                 "`: expected a string, but found a string: `" + place.value.string + "`");
}

std::vector<std::string> split_commas(std::string_view text) {
    std::vector<std::string> items;
    while (!text.empty()) {
        const std::size_t end = text.find(',');
        if (end != 0) {
            items.emplace_back(text.substr(0, end));
        }
        text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    }
    return items;
}

std::vector<std::string> split_sort(std::string_view text) {
    while (text.starts_with('"')) {
        text.remove_prefix(1);
    }
    while (text.ends_with('"')) {
        text.remove_suffix(1);
    }
    std::vector<std::string> items;
    bool inside_point = false;
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find(',', begin), text.size());
        const std::string_view item = trim(text.substr(begin, end - begin));
        begin = end + 1;
        if (item.starts_with("_geoPoint(")) {
            items.emplace_back(item);
            inside_point = true;
        } else if (inside_point) {
            items.back() += ',';
            items.back() += item;
            inside_point = !item.ends_with("):desc") && !item.ends_with("):asc");
        } else {
            items.emplace_back(item);
        }
    }
    return items;
}

std::optional<std::uint64_t> to_unsigned(std::string_view text, std::uint64_t max) {
    if (text.starts_with('+')) {
        text.remove_prefix(1);
    }
    if (text.empty() || !all_digits(text)) {
        return std::nullopt;
    }
    std::uint64_t value = 0;
    for (const char digit : text) {
        const auto unit = static_cast<std::uint64_t>(digit - '0');
        if (value > (max - unit) / 10) {
            return std::nullopt;
        }
        value = value * 10 + unit;
    }
    return value;
}

std::optional<double> to_double(std::string_view text) {
    std::string_view unsigned_text = text;
    if (text.starts_with('+') || text.starts_with('-')) {
        unsigned_text.remove_prefix(1);
    }
    for (const std::string_view name : {"inf", "infinity", "nan"}) {
        if (equals_ignoring_case(unsigned_text, name)) {
            return std::strtod(std::string(text).c_str(), nullptr);
        }
    }
    if (!is_decimal_literal(unsigned_text)) {
        return std::nullopt;
    }
    return std::strtod(std::string(text).c_str(), nullptr);
}

std::string filter_text_to_json(std::string_view text) {
    const auto parsed = parse_json(text);
    return parsed ? std::string(parsed.value().raw) : json_string(text);
}

}  // namespace miroir::meili
