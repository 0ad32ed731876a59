#include <charconv>
#include <chrono>

#include "miroir/tasks/task_poller.hpp"

namespace miroir::tasks {

namespace {

std::optional<int> digits(std::string_view text, std::size_t at, std::size_t count) {
    int value = 0;
    if (at + count > text.size()) {
        return std::nullopt;
    }
    const auto* begin = text.data() + at;
    const auto parsed = std::from_chars(begin, begin + count, value);
    return parsed.ec == std::errc{} && parsed.ptr == begin + count ? std::optional(value) : std::nullopt;
}

}  // namespace

std::optional<WallTime> parse_rfc3339(std::string_view text) {
    const auto year = digits(text, 0, 4);
    const auto month = digits(text, 5, 2);
    const auto day = digits(text, 8, 2);
    const auto hour = digits(text, 11, 2);
    const auto minute = digits(text, 14, 2);
    const auto second = digits(text, 17, 2);
    if (!year || !month || !day || !hour || !minute || !second || text.back() != 'Z') {
        return std::nullopt;
    }
    std::int64_t fraction_us = 0;
    if (text.size() > 20 && text[19] == '.') {
        std::int64_t scale = 100'000;
        for (std::size_t i = 20; i + 1 < text.size() && scale > 0; ++i, scale /= 10) {
            if (text[i] < '0' || text[i] > '9') {
                return std::nullopt;
            }
            fraction_us += (text[i] - '0') * scale;
        }
    }
    const std::chrono::year_month_day date{std::chrono::year{*year},
                                           std::chrono::month(static_cast<unsigned>(*month)),
                                           std::chrono::day(static_cast<unsigned>(*day))};
    if (!date.ok()) {
        return std::nullopt;
    }
    const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
    const std::int64_t seconds = ((days * 24 + *hour) * 60 + *minute) * 60 + *second;
    return WallTime{seconds * 1'000'000 + fraction_us};
}

}  // namespace miroir::tasks
