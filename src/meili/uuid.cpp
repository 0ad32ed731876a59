#include "miroir/meili/uuid.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace miroir::meili {
namespace {

constexpr std::string_view urn = "urn:uuid:";
constexpr std::size_t longest = 45;
constexpr std::array<std::size_t, 5> group_sizes{8, 4, 4, 4, 12};
constexpr std::array<std::size_t, 4> hyphens{8, 13, 18, 23};

bool is_hex(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

// The hyphenated text of another form; the text itself when it has none of them.
std::string_view bare(std::string_view text) {
    if (text.size() == longest && text.starts_with(urn)) {
        return text.substr(urn.size());
    }
    if (text.size() == 38 && text.front() == '{' && text.back() == '}') {
        return text.substr(1, 36);
    }
    return text;
}

std::string wrong_group(std::size_t group, std::size_t size) {
    return "invalid group length in group " + std::to_string(group) + ": expected " +
           std::to_string(group_sizes.at(group)) + ", found " + std::to_string(size);
}

// The groups of a text of digits and hyphens.
std::string fault_of_groups(std::string_view text) {
    std::vector<std::size_t> sizes{0};
    for (const char c : text) {
        if (c == '-') {
            sizes.push_back(0);
        } else {
            ++sizes.back();
        }
    }
    if (sizes.size() != group_sizes.size()) {
        return "invalid group count: expected 5, found " + std::to_string(sizes.size());
    }
    for (std::size_t i = 0; i < sizes.size(); ++i) {
        if (sizes[i] != group_sizes.at(i)) {
            return wrong_group(i, sizes[i]);
        }
    }
    return "failed to parse a UUID";
}

}  // namespace

std::optional<std::string> parse_uuid(std::string_view text) {
    auto digits = std::string(bare(text));
    if (digits.size() == 36) {
        for (auto at = hyphens.rbegin(); at != hyphens.rend(); ++at) {
            if (digits[*at] != '-') {
                return std::nullopt;
            }
            digits.erase(*at, 1);
        }
    }
    if (digits.size() != 32 || !std::all_of(digits.begin(), digits.end(), is_hex)) {
        return std::nullopt;
    }
    std::transform(digits.begin(), digits.end(), digits.begin(), lower);
    for (const auto at : hyphens) {
        digits.insert(at, 1, '-');
    }
    return digits;
}

std::string uuid_fault(std::string_view text) {
    if (text.empty() || text.size() > longest) {
        return "invalid length: found " + std::to_string(text.size());
    }
    const auto inner = bare(text);
    const auto before = static_cast<std::size_t>(inner.data() - text.data());
    for (std::size_t i = 0; i < inner.size(); ++i) {
        if (!is_hex(inner[i]) && inner[i] != '-') {
            const auto end = std::find_if(inner.begin() + static_cast<std::ptrdiff_t>(i) + 1, inner.end(),
                                          [](char c) { return (c & 0xC0) != 0x80; });
            const std::string character(inner.begin() + static_cast<std::ptrdiff_t>(i), end);
            return "invalid character: found `" + character + "` at " + std::to_string(i + before);
        }
    }
    if (inner.find('-') == std::string_view::npos) {
        return "invalid length: found " + std::to_string(text.size());
    }
    return fault_of_groups(inner);
}

}  // namespace miroir::meili
