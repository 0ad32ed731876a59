#include "miroir/meili/byte_size.hpp"

#include <array>
#include <cmath>
#include <cstdio>

namespace miroir::meili {

namespace {

constexpr std::array<std::string_view, 5> units{"B", "KiB", "MiB", "GiB", "TiB"};

}  // namespace

std::string human_size(std::uint64_t bytes) {
    double value = static_cast<double>(bytes);
    std::size_t unit = 0;
    while (value >= 1024 && unit + 1 < units.size()) {
        value /= 1024;
        ++unit;
    }
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.2f", value);
    std::string number(text.data());
    number.erase(number.find_last_not_of('0') + 1);
    if (number.back() == '.') {
        number.pop_back();
    }
    return number + " " + std::string(units[unit]);
}

std::uint64_t size_from_human(std::string_view text) {
    const auto space = text.find(' ');
    if (space == std::string_view::npos) {
        return 0;
    }
    double value = 0;
    if (std::sscanf(std::string(text.substr(0, space)).c_str(), "%lf", &value) != 1) {
        return 0;
    }
    for (const auto unit : units) {
        if (text.substr(space + 1) == unit) {
            return static_cast<std::uint64_t>(std::llround(value));
        }
        value *= 1024;
    }
    return 0;
}

}  // namespace miroir::meili
