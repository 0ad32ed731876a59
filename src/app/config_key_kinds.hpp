#pragma once

#include <algorithm>
#include <cctype>
#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "config_schema.hpp"
#include "config_values.hpp"

// The kinds of keys that the schema is made of.
namespace miroir::app {

// What every key has, whatever its type.
struct Common {
    std::string path;
    std::string fallback;
    std::string description;
};

struct Bounds {
    std::uint64_t least = 0;
    std::uint64_t most = 0;
};

inline constexpr std::uint64_t any_32 = std::numeric_limits<std::uint32_t>::max();
inline constexpr std::uint64_t year_ms = 366ULL * 86'400'000;

inline std::string variable_of(const std::string& path) {
    std::string name = "MIROIR_" + path;
    std::replace(name.begin(), name.end(), '.', '_');
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::toupper(c); });
    return name;
}

inline ConfigKey key_of(Common common, std::string accepts) {
    ConfigKey key;
    key.variables = {variable_of(common.path)};
    key.path = std::move(common.path);
    key.accepts = std::move(accepts);
    key.fallback = std::move(common.fallback);
    key.description = std::move(common.description);
    return key;
}

// `field` gives the member of a Configuration that a key is about.
template <class Field>
ConfigKey number(Common common, Bounds bounds, Field field) {
    const auto range = std::to_string(bounds.least) + " to " + std::to_string(bounds.most);
    auto key =
        key_of(std::move(common), bounds.most == any_32 ? "whole number from " + std::to_string(bounds.least)
                                                        : "whole number, " + range);
    key.assign = [=](Configuration& configuration, const std::string& text) -> std::string {
        const auto value = parse_whole_number(text);
        if (!value) return "is not a whole number";
        if (*value < bounds.least || *value > bounds.most) return "is not from " + range;
        auto& member = field(configuration);
        member = static_cast<std::remove_reference_t<decltype(member)>>(*value);
        return "";
    };
    key.print = [=](const Configuration& configuration) { return std::to_string(field(configuration)); };
    return key;
}

template <class Field>
ConfigKey bytes(Common common, Bounds bounds, Field field) {
    const auto range = print_bytes(bounds.least) + " to " + print_bytes(bounds.most);
    auto key = key_of(std::move(common), "bytes, " + range);
    key.assign = [=](Configuration& configuration, const std::string& text) -> std::string {
        const auto value = parse_bytes(text);
        if (!value) return "is not a number of bytes, such as 65536 or 512MiB";
        if (*value < bounds.least || *value > bounds.most) return "is not from " + range;
        field(configuration) = *value;
        return "";
    };
    key.print = [=](const Configuration& configuration) { return print_bytes(field(configuration)); };
    return key;
}

template <class Duration>
const char* name_of_unit() {
    if (std::is_same_v<Duration, std::chrono::milliseconds>) return "milliseconds";
    return std::is_same_v<Duration, std::chrono::seconds> ? "seconds" : "days";
}

// Bounds count in the member's own unit, which is the key's ending too (`_ms`, `_s`, `_days`).
template <class Field>
ConfigKey duration(Common common, Bounds bounds, Field field) {
    using Duration = std::remove_cvref_t<decltype(field(std::declval<Configuration&>()))>;
    constexpr auto unit_ms = static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(Duration(1)).count());
    const std::string unit = name_of_unit<Duration>();
    const auto range = std::to_string(bounds.least) + " to " + std::to_string(bounds.most) + " " + unit;
    auto key = key_of(std::move(common),
                      unit + ", " + std::to_string(bounds.least) + " to " + std::to_string(bounds.most));
    key.assign = [=](Configuration& configuration, const std::string& text) -> std::string {
        const auto ms = parse_duration_ms(text, unit_ms);
        if (!ms || *ms % unit_ms != 0) return "is not a whole number of " + unit + ", such as 30 or 30s";
        const auto value = *ms / unit_ms;
        if (value < bounds.least || value > bounds.most) return "is not from " + range;
        field(configuration) = Duration(static_cast<std::int64_t>(value));
        return "";
    };
    key.print = [=](const Configuration& configuration) {
        return std::to_string(field(configuration).count());
    };
    return key;
}

// `names` in the order of the enumerators.
template <class Field>
ConfigKey choice(Common common, const std::vector<std::string>& names, Field field) {
    std::string all;
    for (const auto& name : names) all += (all.empty() ? "`" : ", `") + name + "`";
    auto key = key_of(std::move(common), "one of " + all);
    key.assign = [=](Configuration& configuration, const std::string& text) -> std::string {
        const auto found = std::find(names.begin(), names.end(), text);
        if (found == names.end()) return "is not one of " + all;
        auto& member = field(configuration);
        member = static_cast<std::remove_reference_t<decltype(member)>>(found - names.begin());
        return "";
    };
    key.print = [=](const Configuration& configuration) {
        return names[static_cast<std::size_t>(field(configuration))];
    };
    return key;
}

using TextCheck = std::function<std::string(const std::string& text)>;

template <class Field>
ConfigKey text(Common common, std::string accepts, const TextCheck& fault_of, Field field) {
    auto key = key_of(std::move(common), std::move(accepts));
    key.assign = [=](Configuration& configuration, const std::string& text) -> std::string {
        auto fault = fault_of(text);
        if (fault.empty()) field(configuration) = text;
        return fault;
    };
    key.print = [=](const Configuration& configuration) { return field(configuration); };
    return key;
}

template <class Field>
ConfigKey secret(std::string path, std::vector<std::string> more_variables, std::string description,
                 Field field) {
    auto key = text(
        {std::move(path), "", std::move(description)}, "text",
        [](const std::string&) { return std::string(); }, field);
    key.secret = true;
    key.variables.insert(key.variables.end(), more_variables.begin(), more_variables.end());
    return key;
}

}  // namespace miroir::app
