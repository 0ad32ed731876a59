#include "miroir/cluster/index_defaults.hpp"

#include <gtest/gtest.h>

namespace miroir::cluster {
namespace {

std::uint32_t shards(std::string_view uid, const std::vector<IndexDefault>& defaults) {
    return shards_of_new(uid, defaults, 99);
}

bool fits(std::string pattern, std::string_view uid) {
    return shards(uid, {{std::move(pattern), 1}}) == 1;
}

TEST(IndexDefaults, WithoutAMatchTheOtherFigureCounts) {
    EXPECT_EQ(shards("books", {}), 99U);
    EXPECT_EQ(shards("books", {{"logs-*", 4}}), 99U);
}

TEST(IndexDefaults, TheFirstPatternThatMatchesCounts) {
    EXPECT_EQ(shards("logs-small", {{"logs-small", 1}, {"logs-*", 4}, {"*", 8}}), 1U);
    EXPECT_EQ(shards("logs-2026", {{"logs-small", 1}, {"logs-*", 4}, {"*", 8}}), 4U);
    EXPECT_EQ(shards("books", {{"logs-small", 1}, {"logs-*", 4}, {"*", 8}}), 8U);
}

TEST(IndexDefaults, AStarStandsForAnyTextAlsoNone) {
    EXPECT_TRUE(fits("logs-*", "logs-"));
    EXPECT_TRUE(fits("*-eu", "logs-2026-eu"));
    EXPECT_TRUE(fits("a*b*a", "aba"));
    EXPECT_TRUE(fits("a*b*a", "aXbYbZa"));
    EXPECT_TRUE(fits("**", "x"));
    EXPECT_FALSE(fits("a*a", "a"));
    EXPECT_FALSE(fits("a*b*a", "aa"));
    EXPECT_FALSE(fits("logs-*", "my-logs-1"));
    EXPECT_FALSE(fits("logs", "logs-1"));
}

}  // namespace
}  // namespace miroir::cluster
