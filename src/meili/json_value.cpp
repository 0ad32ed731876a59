#include "miroir/meili/json_value.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <unordered_map>

#include "miroir/meili/json_text.hpp"

namespace miroir::meili {
namespace {

// Where an object's members go: a key that comes again keeps its first place and gets the last value.
class MemberPlaces {
public:
    explicit MemberPlaces(JsonValue& object) : object_(object) {}

    JsonValue* of(const std::string& key) {
        auto& members = object_.members;
        if (members.size() < few) {
            for (auto& member : members) {
                if (member.key == key) {
                    return &(member.value = JsonValue{});
                }
            }
        } else {
            for (std::size_t i = index_.size(); i < members.size(); ++i) {
                index_.emplace(members[i].key, i);
            }
            const auto known = index_.find(key);
            if (known != index_.end()) {
                return &(members[known->second].value = JsonValue{});
            }
        }
        return &members.emplace_back(JsonMember{key, JsonValue{}}).value;
    }

private:
    static constexpr std::size_t few = 32;
    JsonValue& object_;
    std::unordered_map<std::string, std::size_t> index_;
};

}  // namespace

const JsonValue* JsonValue::find(std::string_view key) const {
    const auto found = std::ranges::find(members, key, &JsonMember::key);
    return found == members.end() ? nullptr : &found->value;
}

bool JsonCursor::read_list(JsonValue* out) {
    if (--depth_left_ == 0) {
        return fail_at_peek("recursion limit exceeded");
    }
    take();
    for (bool first = true;;) {
        bool more = false;
        if (!next_element(first, more)) {
            return false;
        }
        if (!more) {
            ++depth_left_;
            return true;
        }
        if (!read_value(out != nullptr ? &out->items.emplace_back() : nullptr)) {
            return false;
        }
    }
}

bool JsonCursor::read_object(JsonValue* out) {
    if (--depth_left_ == 0) {
        return fail_at_peek("recursion limit exceeded");
    }
    take();
    JsonValue unused;
    MemberPlaces places(out != nullptr ? *out : unused);
    std::string key;
    for (bool first = true;;) {
        bool more = false;
        if (!next_member(first, more, out != nullptr ? &key : nullptr)) {
            return false;
        }
        if (!more) {
            ++depth_left_;
            return true;
        }
        if (!read_value(out != nullptr ? places.of(key) : nullptr)) {
            return false;
        }
    }
}

bool JsonCursor::read_value(JsonValue* out) {
    const auto first = peek();
    if (!first) {
        return fail_at_peek("EOF while parsing a value");
    }
    JsonValue unused;
    JsonValue& value = out != nullptr ? *out : unused;
    const std::size_t start = at_;
    bool good = false;
    switch (*first) {
        case 'n':
            good = read_word("ull");
            break;
        case 't':
        case 'f':
            value.kind = JsonKind::boolean;
            value.boolean = *first == 't';
            good = read_word(value.boolean ? "rue" : "alse");
            break;
        case '"':
            value.kind = JsonKind::string;
            take();
            good = read_string(out != nullptr ? &value.string : nullptr);
            break;
        case '[':
            value.kind = JsonKind::array;
            good = read_list(out);
            break;
        case '{':
            value.kind = JsonKind::object;
            good = read_object(out);
            break;
        default:
            if (*first != '-' && !at_digit()) {
                return fail_at_peek("expected value");
            }
            value.kind = JsonKind::number;
            good = read_number(value.number);
    }
    if (good && out != nullptr) {
        value.raw = text_.substr(start, at_ - start);
    }
    return good;
}

Result<JsonValue, SyntaxError> parse_json(std::string_view text) {
    JsonCursor cursor(text);
    JsonValue value;
    if (cursor.read_value(&value) && cursor.finish()) {
        return value;
    }
    return cursor.error();
}

void append_json_double(std::string& out, double value) {
    if (!std::isfinite(value)) {
        out += "null";
        return;
    }
    std::array<char, 32> buffer;
    const auto end =
        std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::scientific);
    std::string_view shortest(buffer.data(), static_cast<std::size_t>(end.ptr - buffer.data()));
    if (shortest.starts_with('-')) {
        out += '-';
        shortest.remove_prefix(1);
    }
    const std::size_t mark = shortest.find('e');
    std::string digits(shortest.substr(0, 1));
    if (mark > 2) {
        digits += shortest.substr(2, mark - 2);
    }
    const std::string_view power = shortest.substr(mark + 1);
    int exponent = 0;
    std::from_chars(power.data() + (power[0] == '+' ? 1 : 0), power.data() + power.size(), exponent);
    const int count = static_cast<int>(digits.size());
    const int point = exponent + 1;
    if (value == 0) {
        out += "0.0";
    } else if (point > 0 && point <= 16) {
        digits.append(static_cast<std::size_t>(std::max(point - count, 0)), '0');
        out += digits.substr(0, static_cast<std::size_t>(point));
        out += '.';
        out += count > point ? digits.substr(static_cast<std::size_t>(point)) : "0";
    } else if (point > -5 && point <= 0) {
        out += "0.";
        out.append(static_cast<std::size_t>(-point), '0');
        out += digits;
    } else {
        out += digits[0];
        if (count > 1) {
            out += '.';
            out += digits.substr(1);
        }
        out += exponent < 0 ? "e-" : "e+";
        out += std::to_string(std::abs(exponent));
    }
}

void append_json_number(std::string& out, const JsonNumber& number) {
    switch (number.kind) {
        case JsonNumber::Kind::positive:
            out += std::to_string(number.positive);
            break;
        case JsonNumber::Kind::negative:
            out += std::to_string(number.negative);
            break;
        case JsonNumber::Kind::real:
            append_json_double(out, number.real);
    }
}

void append_json(std::string& out, const JsonValue& value) {
    switch (value.kind) {
        case JsonKind::null:
            out += "null";
            break;
        case JsonKind::boolean:
            out += value.boolean ? "true" : "false";
            break;
        case JsonKind::number:
            append_json_number(out, value.number);
            break;
        case JsonKind::string:
            append_json_string(out, value.string);
            break;
        case JsonKind::array:
            out += '[';
            for (std::size_t i = 0; i < value.items.size(); ++i) {
                out += i == 0 ? "" : ",";
                append_json(out, value.items[i]);
            }
            out += ']';
            break;
        case JsonKind::object:
            out += '{';
            for (std::size_t i = 0; i < value.members.size(); ++i) {
                out += i == 0 ? "" : ",";
                append_json_string(out, value.members[i].key);
                out += ':';
                append_json(out, value.members[i].value);
            }
            out += '}';
    }
}

std::string print(const JsonValue& value) {
    std::string out;
    append_json(out, value);
    return out;
}

}  // namespace miroir::meili
