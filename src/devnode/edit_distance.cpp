#include "devnode/edit_distance.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace miroir::devnode {

namespace {

// Distance with adjacent transpositions; anything over `limit` is reported as limit + 1.
int distance(std::u32string_view query, std::u32string_view word, int limit, bool prefix) {
    const std::size_t columns = word.size() + 1;
    std::array<std::vector<int>, 3> rows;
    for (auto& row : rows) {
        row.assign(columns, 0);
    }
    for (std::size_t j = 0; j < columns; ++j) {
        rows[0][j] = static_cast<int>(j);
    }
    for (std::size_t i = 1; i <= query.size(); ++i) {
        auto& now = rows[i % 3];
        const auto& before = rows[(i + 2) % 3];
        const auto& before_that = rows[(i + 1) % 3];
        now[0] = static_cast<int>(i);
        int best = now[0];
        for (std::size_t j = 1; j < columns; ++j) {
            const bool same = query[i - 1] == word[j - 1];
            now[j] = std::min({before[j] + 1, now[j - 1] + 1, before[j - 1] + (same ? 0 : 1)});
            if (i > 1 && j > 1 && query[i - 1] == word[j - 2] && query[i - 2] == word[j - 1]) {
                now[j] = std::min(now[j], before_that[j - 2] + 1);
            }
            best = std::min(best, now[j]);
        }
        if (best > limit) {
            return limit + 1;
        }
    }
    const auto& last = rows[query.size() % 3];
    return prefix ? *std::min_element(last.begin(), last.end()) : last.back();
}

}  // namespace

std::optional<int> typos_between(std::u32string_view query, std::u32string_view word, int typos_max,
                                 bool prefix) {
    if (query.empty() || word.empty()) {
        return std::nullopt;
    }
    if (word.size() >= query.size() && word.substr(0, query.size()) == query &&
        (prefix || word.size() == query.size())) {
        return 0;
    }
    if (typos_max == 0) {
        return std::nullopt;
    }
    // Only the first letters of a longer word matter to a prefix.
    const std::size_t reach = query.size() + static_cast<std::size_t>(typos_max);
    if (word.size() + static_cast<std::size_t>(typos_max) < query.size() ||
        (!prefix && word.size() > reach)) {
        return std::nullopt;
    }
    const auto seen = word.substr(0, std::min(word.size(), reach));
    const int typos = distance(query, seen, typos_max, prefix);
    if (typos > typos_max) {
        return std::nullopt;
    }
    if (query.front() != word.front()) {
        return typos == 1 && typos_max == 2 ? std::optional<int>(2) : std::nullopt;
    }
    return typos;
}

}  // namespace miroir::devnode
