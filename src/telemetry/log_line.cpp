#include "log_line.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace miroir::telemetry {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

std::string_view name_of(LogLevel level) {
    switch (level) {
        case LogLevel::debug:
            return "debug";
        case LogLevel::info:
            return "info";
        case LogLevel::warn:
            return "warn";
        case LogLevel::error:
            return "error";
    }
    return "info";
}

// Bytes of the well-formed UTF-8 sequence at the start of `text`; 0 when there is none.
std::size_t sequence_length(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const auto lead = byte(0);
    if (lead < 0x80) return 1;
    const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return 0;
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xC0U) != 0x80U) return 0;
    }
    const bool overlong = (lead == 0xE0 && byte(1) < 0xA0) || (lead == 0xF0 && byte(1) < 0x90);
    const bool surrogate = lead == 0xED && byte(1) > 0x9F;
    const bool beyond = lead == 0xF4 && byte(1) > 0x8F;
    return overlong || surrogate || beyond ? 0 : length;
}

void append_escape(std::string& out, unsigned char control) {
    static constexpr std::string_view digits = "0123456789abcdef";
    switch (control) {
        case '\n':
            out += "\\n";
            return;
        case '\r':
            out += "\\r";
            return;
        case '\t':
            out += "\\t";
            return;
        default:
            out += "\\u00";
            out += digits[control >> 4U];
            out += digits[control & 0xFU];
    }
}

// The text as the inside of a JSON string: valid UTF-8, cut at the limit.
void append_escaped(std::string& out, std::string_view text) {
    const bool cut = text.size() > log_value_bytes_max;
    if (cut) text = text.substr(0, log_value_bytes_max);
    while (!text.empty()) {
        const auto length = sequence_length(text);
        const auto first = static_cast<unsigned char>(text.front());
        if (length == 0) {
            out += replacement;
        } else if (first < 0x20 || first == 0x7F) {
            append_escape(out, first);
        } else {
            if (first == '"' || first == '\\') out += '\\';
            out += text.substr(0, length);
        }
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    if (cut) out += "...";
}

void append_string(std::string& out, std::string_view text) {
    out += '"';
    append_escaped(out, text);
    out += '"';
}

bool names_a_number(std::string_view key) {
    static constexpr std::array<std::string_view, 4> endings = {"_ms", "_s", "_bytes", "_count"};
    const auto ends = [&](std::string_view ending) { return key.ends_with(ending); };
    return key == "status" || key == "port" || std::any_of(endings.begin(), endings.end(), ends);
}

// Exactly JSON's grammar without exponents, and short enough for every reader.
bool reads_as_number(std::string_view text) {
    if (text.size() > 15) return false;
    if (text.starts_with('-')) text.remove_prefix(1);
    const auto digits = [](std::string_view part) {
        return !part.empty() && part.find_first_not_of("0123456789") == std::string_view::npos;
    };
    const auto point = text.find('.');
    const auto whole = text.substr(0, point);
    if (!digits(whole) || (whole.size() > 1 && whole.front() == '0')) return false;
    return point == std::string_view::npos || digits(text.substr(point + 1));
}

const LogField* find(std::initializer_list<LogField> fields, std::string_view key) {
    const auto found =
        std::find_if(fields.begin(), fields.end(), [&](const auto& field) { return field.first == key; });
    return found == fields.end() ? nullptr : found;
}

bool is_head_name(std::string_view key) {
    return key == "ts" || key == "level" || key == "message" || key == "pod_id";
}

}  // namespace

std::string json_line(const LineHead& head, std::initializer_list<LogField> fields) {
    std::string line = "{\"ts\":\"" + rfc3339(head.time) + "\",\"level\":\"";
    line += name_of(head.level);
    line += "\",\"message\":";
    append_string(line, head.message);
    const auto add_text = [&](std::string_view key, std::string_view value) {
        line += ',';
        append_string(line, key);
        line += ':';
        append_string(line, value);
    };
    const auto* request_id = find(fields, "request_id");
    if (request_id != nullptr) add_text(request_id->first, request_id->second);
    if (!head.pod_id.empty()) add_text("pod_id", head.pod_id);
    for (const auto& field : fields) {
        const auto& [key, value] = field;
        if (&field == request_id) continue;
        if (is_head_name(key)) {
            add_text(std::string(key) + '_', value);
        } else if (names_a_number(key) && reads_as_number(value)) {
            line += ',';
            append_string(line, key);
            line += ':' + value;
        } else {
            add_text(key, value);
        }
    }
    line += '}';
    return line;
}

std::string text_line(const LineHead& head, std::initializer_list<LogField> fields) {
    std::string level(name_of(head.level));
    std::transform(level.begin(), level.end(), level.begin(),
                   [](char c) { return static_cast<char>(c - 'a' + 'A'); });
    level.resize(5, ' ');
    std::string line = rfc3339(head.time) + ' ' + level + ' ';
    append_escaped(line, head.message);
    for (const auto& [key, value] : fields) {
        line += "  ";
        line += key;
        line += '=';
        append_escaped(line, value);
    }
    return line;
}

}  // namespace miroir::telemetry
