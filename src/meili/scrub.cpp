#include "miroir/meili/scrub.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "miroir/meili/settings.hpp"

namespace miroir::meili {
namespace {

constexpr std::string_view reserved_start = "_miroir_";

void replace_all(std::string& text, std::string_view from, std::string_view to) {
    if (from.empty() || from == to) return;
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
        text.replace(at, from.size(), to);
    }
}

// A list that messages print, and what they say instead when it is empty.
struct List {
    std::string_view start;
    std::string_view when_empty;
    // Each name has its own back quotes, else one pair is around all.
    bool quoted_each = false;
};

constexpr std::array<List, 5> lists = {{
    {"Available filterable attribute patterns are: ",
     "This index does not have configured filterable attributes.", true},
    {"Available filterable attributes patterns are: ",
     "This index does not have configured filterable attributes."},
    {"Available sortable attributes are: ", "This index does not have configured sortable attributes."},
    {"Available searchable attributes are: ", ""},
    {"Available facet-searchable attributes patterns are: ", ""},
}};

std::vector<std::string_view> split(std::string_view text, std::string_view separator) {
    std::vector<std::string_view> parts;
    while (true) {
        const auto at = text.find(separator);
        parts.push_back(text.substr(0, at));
        if (at == std::string_view::npos) return parts;
        text.remove_prefix(at + separator.size());
    }
}

void scrub_list(std::string& message, const List& list) {
    const auto start = message.find(list.start);
    if (start == std::string::npos) return;
    const auto begin = start + list.start.size();
    const auto end = message.find("`.", begin + 1);
    if (begin >= message.size() || message[begin] != '`' || end == std::string::npos) return;
    const std::string_view separator = list.quoted_each ? "`, `" : ", ";
    const auto inside = std::string_view(message).substr(begin + 1, end - begin - 1);
    std::string kept;
    std::size_t count = 0;
    for (const auto name : split(inside, separator)) {
        if (name.starts_with(reserved_start)) continue;
        if (count++ > 0) kept += separator;
        kept += name;
    }
    if (count == 0 && !list.when_empty.empty()) {
        message.replace(start, end + 2 - start, list.when_empty);
    } else {
        message.replace(begin + 1, end - begin - 1, kept);
    }
}

void renumber_rules(std::string& message) {
    constexpr std::string_view start = "rule #";
    for (auto at = message.find(start); at != std::string::npos; at = message.find(start, at + 1)) {
        const auto begin = at + start.size();
        const auto end = std::min(message.find_first_not_of("0123456789", begin), message.size());
        std::size_t number = 0;
        std::from_chars(message.data() + begin, message.data() + end, number);
        if (end == begin || number < reserved_rule_count) continue;
        message.replace(begin, end - begin, std::to_string(number - reserved_rule_count));
    }
}

// Where the parenthesis that opens `text` is closed; quoted texts may contain others.
std::size_t closing_parenthesis(std::string_view text) {
    int depth = 0;
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quoted && c == '\\') {
            ++i;
        } else if (c == '"') {
            quoted = !quoted;
        } else if (!quoted && c == '(') {
            ++depth;
        } else if (!quoted && c == ')' && --depth == 0) {
            return i;
        }
    }
    return std::string_view::npos;
}

// "{from}:{to} {filter}" at the end of a message about a filter.
struct Position {
    std::size_t line;
    std::size_t from = 0;
    std::size_t to = 0;
    std::size_t filter = 0;
};

std::optional<Position> find_position(std::string_view message, std::size_t before) {
    const auto line_break = message.rfind('\n', before);
    if (line_break == std::string_view::npos) return std::nullopt;
    Position position{line_break + 1};
    const auto* end = message.data() + message.size();
    const auto first = std::from_chars(message.data() + position.line, end, position.from);
    if (first.ec != std::errc() || first.ptr == end || *first.ptr != ':') return std::nullopt;
    const auto second = std::from_chars(first.ptr + 1, end, position.to);
    if (second.ec != std::errc() || second.ptr == end || *second.ptr != ' ') return std::nullopt;
    position.filter = static_cast<std::size_t>(second.ptr + 1 - message.data());
    return position;
}

// The engine prints the filter rewritten: `(client) AND ("_miroir_shard" IN [..])`, where a filter of more
// than one part has several clauses in front.
void cut_shard_clause(std::string& message) {
    const auto clause = message.rfind(" AND (\"_miroir_shard\" ");
    if (clause == std::string::npos || !message.ends_with(')')) return;
    const auto position = find_position(message, clause);
    if (!position) return;
    message.resize(clause);
    const auto filter = std::string_view(message).substr(position->filter);
    const bool single = filter.starts_with('(') && closing_parenthesis(filter) == filter.size() - 1;
    if (!single || position->from < 2) return;
    auto shown = std::to_string(position->from - 1) + ":" + std::to_string(position->to - 1) + " ";
    shown += filter.substr(1, filter.size() - 2);
    message.replace(position->line, std::string::npos, shown);
}

// Messages that quote documents show the markers as their last members.
void cut_markers(std::string& message) {
    constexpr std::string_view start = ",\"_miroir_";
    for (auto at = message.find(start); at != std::string::npos; at = message.find(start, at)) {
        const auto name_end = message.find("\":\"", at + start.size());
        const auto value_end = name_end == std::string::npos ? name_end : message.find('"', name_end + 3);
        if (value_end == std::string::npos) return;
        message.erase(at, value_end + 1 - at);
    }
}

}  // namespace

std::string scrub(std::string message, std::string_view physical_uid, std::string_view logical_uid) {
    for (const auto& list : lists) scrub_list(message, list);
    renumber_rules(message);
    cut_shard_clause(message);
    cut_markers(message);
    replace_all(message, physical_uid, logical_uid);
    return message;
}

std::string scrub_error_json(std::string error_json, std::string_view physical_uid,
                             std::string_view logical_uid) {
    auto json = nlohmann::ordered_json::parse(error_json, nullptr, false);
    if (!json.is_object() || !json.contains("message") || !json["message"].is_string()) return error_json;
    json["message"] = scrub(json["message"].get<std::string>(), physical_uid, logical_uid);
    return json.dump();
}

}  // namespace miroir::meili
