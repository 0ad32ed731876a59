#include "devnode/edit_distance.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace miroir::devnode {
namespace {

std::optional<int> typos(std::u32string_view query, std::u32string_view word, int max = 2) {
    return typos_between(query, word, max, false);
}

TEST(TyposBetween, CountsEdits) {
    EXPECT_EQ(typos(U"harbour", U"harbour"), 0);
    EXPECT_EQ(typos(U"harbour", U"harbor"), 1);
    EXPECT_EQ(typos(U"harbour", U"harbuor"), 1);
    EXPECT_EQ(typos(U"harbour", U"herbuor"), 2);
    EXPECT_EQ(typos(U"harbour", U"garden"), std::nullopt);
}

TEST(TyposBetween, AWrongFirstLetterCountsTwice) {
    EXPECT_EQ(typos(U"harbour", U"barbour"), 2);
    EXPECT_EQ(typos(U"harbour", U"barbour", 1), std::nullopt);
    EXPECT_EQ(typos(U"harbour", U"barbor"), std::nullopt);
}

TEST(TyposBetween, NoTypoAllowedMeansEqual) {
    EXPECT_EQ(typos(U"glass", U"glass", 0), 0);
    EXPECT_EQ(typos(U"glass", U"grass", 0), std::nullopt);
}

TEST(TyposBetween, APrefixNeedsOnlyTheBeginning) {
    EXPECT_EQ(typos_between(U"har", U"harbour", 0, true), 0);
    EXPECT_EQ(typos_between(U"hrabo", U"harbour", 1, true), 1);
    EXPECT_EQ(typos_between(U"harbour", U"har", 2, true), std::nullopt);
}

// The textbook table of all distances between beginnings, without bounds or short cuts.
int plain_distance(const std::u32string& a, const std::u32string& b, bool prefix) {
    std::vector<std::vector<int>> table(a.size() + 1, std::vector<int>(b.size() + 1));
    for (std::size_t i = 0; i <= a.size(); ++i) {
        for (std::size_t j = 0; j <= b.size(); ++j) {
            if (i == 0 || j == 0) {
                table[i][j] = static_cast<int>(i + j);
                continue;
            }
            table[i][j] = std::min({table[i - 1][j] + 1, table[i][j - 1] + 1,
                                    table[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                table[i][j] = std::min(table[i][j], table[i - 2][j - 2] + 1);
            }
        }
    }
    return prefix ? *std::min_element(table.back().begin(), table.back().end()) : table.back().back();
}

TEST(TyposBetween, AgreesWithThePlainTable) {
    std::mt19937 random(20'261'125);
    const auto word = [&] {
        std::u32string out;
        for (auto left = 1 + random() % 7; left > 0; --left) {
            out += static_cast<char32_t>(U'a' + random() % 3);
        }
        return out;
    };
    for (int round = 0; round < 20'000; ++round) {
        const auto query = word();
        const auto other = word();
        const bool prefix = random() % 2 == 0;
        const int distance = plain_distance(query, other, prefix);
        std::optional<int> expected = distance <= 2 ? std::optional(distance) : std::nullopt;
        if (expected && *expected > 0 && query.front() != other.front()) {
            expected = *expected == 1 ? std::optional(2) : std::nullopt;
        }
        EXPECT_EQ(typos_between(query, other, 2, prefix), expected) << "round " << round;
    }
}

}  // namespace
}  // namespace miroir::devnode
