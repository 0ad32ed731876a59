#include <chrono>

#include "miroir/meili/task_filter.hpp"

namespace miroir::meili {
namespace {

// Takes `count` digits from the front of `text`.
std::optional<int> take_digits(std::string_view& text, std::size_t count) {
    if (text.size() < count) {
        return std::nullopt;
    }
    int value = 0;
    for (const char digit : text.substr(0, count)) {
        if (digit < '0' || digit > '9') {
            return std::nullopt;
        }
        value = value * 10 + (digit - '0');
    }
    text.remove_prefix(count);
    return value;
}

// The same for a number up to `max` behind the byte `mark`.
std::optional<int> take_marked(std::string_view& text, char mark, int max) {
    if (!text.starts_with(mark)) {
        return std::nullopt;
    }
    text.remove_prefix(1);
    const auto value = take_digits(text, 2);
    return value && *value <= max ? value : std::nullopt;
}

std::optional<std::chrono::sys_days> take_date(std::string_view& text) {
    const auto year = take_digits(text, 4);
    const auto month = year ? take_marked(text, '-', 12) : std::nullopt;
    const auto day = month ? take_marked(text, '-', 31) : std::nullopt;
    if (!day) {
        return std::nullopt;
    }
    const std::chrono::year_month_day date{std::chrono::year{*year},
                                           std::chrono::month{static_cast<unsigned>(*month)},
                                           std::chrono::day{static_cast<unsigned>(*day)}};
    if (!date.ok()) {
        return std::nullopt;
    }
    return std::chrono::sys_days{date};
}

// ".123456789" in microseconds; nothing counts as zero.
std::optional<std::int64_t> take_fraction(std::string_view& text) {
    if (!text.starts_with('.')) {
        return 0;
    }
    text.remove_prefix(1);
    std::int64_t value = 0;
    std::int64_t unit = 100'000;
    bool any = false;
    while (auto digit = take_digits(text, 1)) {
        value += *digit * unit;
        unit /= 10;
        any = true;
    }
    return any ? std::optional(value) : std::nullopt;
}

// "Z" or "+01:30", in minutes east of UTC.
std::optional<int> take_offset(std::string_view& text) {
    if (text.starts_with('Z') || text.starts_with('z')) {
        text.remove_prefix(1);
        return 0;
    }
    const bool west = text.starts_with('-');
    const auto hours = take_marked(text, west ? '-' : '+', 23);
    const auto minutes = hours ? take_marked(text, ':', 59) : std::nullopt;
    if (!minutes) {
        return std::nullopt;
    }
    const int east = *hours * 60 + *minutes;
    return west ? -east : east;
}

// Within the last second of a month of UTC, where a leap second may follow.
template <class Moment>
bool ends_a_month(Moment moment) {
    const auto next = moment + std::chrono::seconds(1);
    const auto day = std::chrono::floor<std::chrono::days>(next);
    return std::chrono::year_month_day{day}.day() == std::chrono::day{1} &&
           next - day < std::chrono::seconds(1);
}

}  // namespace

std::optional<WallTime> parse_date(std::string_view text) {
    // The engine's format of a lone date takes a sign in front of the year.
    if (text.starts_with('+')) {
        text.remove_prefix(1);
    }
    const auto days = take_date(text);
    if (!days || !text.empty()) {
        return std::nullopt;
    }
    return WallTime{std::chrono::microseconds(days->time_since_epoch()).count()};
}

std::optional<WallTime> parse_rfc3339(std::string_view text) {
    const auto days = take_date(text);
    if (!days || text.empty()) {
        return std::nullopt;
    }
    text.remove_prefix(1);
    const auto hour = take_digits(text, 2);
    const auto minute = hour && *hour <= 23 ? take_marked(text, ':', 59) : std::nullopt;
    const auto second = minute ? take_marked(text, ':', 60) : std::nullopt;
    const auto fraction = second ? take_fraction(text) : std::nullopt;
    const auto offset = fraction ? take_offset(text) : std::nullopt;
    if (!offset || !text.empty()) {
        return std::nullopt;
    }
    const bool leap = *second == 60;
    const auto time = std::chrono::hours(*hour) + std::chrono::minutes(*minute - *offset) +
                      std::chrono::seconds(leap ? 59 : *second) +
                      std::chrono::microseconds(leap ? 999'999 : *fraction);
    const auto moment = *days + time;
    if (leap && !ends_a_month(moment)) {
        return std::nullopt;
    }
    return WallTime{std::chrono::duration_cast<std::chrono::microseconds>(moment.time_since_epoch()).count()};
}

}  // namespace miroir::meili
