#include "miroir/operations/settings_rounds.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace miroir::operations {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;

TEST(SettingsRounds, WritesFreezeAfterTheLastAllowedRepetition) {
    SettingsRounds rounds(2, milliseconds(500), false);
    EXPECT_FALSE(rounds.divergent().frozen);
    EXPECT_FALSE(rounds.divergent().frozen);
    EXPECT_TRUE(rounds.divergent().frozen);
    EXPECT_TRUE(rounds.unreachable().frozen);
}

TEST(SettingsRounds, WithoutAllowedRepetitionsTheFirstMismatchFreezes) {
    EXPECT_TRUE(SettingsRounds(0, milliseconds(500), false).divergent().frozen);
}

TEST(SettingsRounds, ThePauseDoublesUpToABound) {
    SettingsRounds rounds(100, milliseconds(500), false);
    std::vector<milliseconds> pauses;
    for (int i = 0; i < 9; ++i) pauses.push_back(rounds.divergent().pause);
    EXPECT_THAT(std::vector<milliseconds>(pauses.begin(), pauses.begin() + 4),
                ElementsAre(milliseconds(500), milliseconds(1000), milliseconds(2000), milliseconds(4000)));
    EXPECT_EQ(pauses.back(), milliseconds(30'000));
    for (int i = 0; i < 100; ++i) EXPECT_EQ(rounds.divergent().pause, milliseconds(30'000));
}

TEST(SettingsRounds, NodesThatAreAwayFreezeNothing) {
    SettingsRounds rounds(0, milliseconds(500), false);
    for (int i = 0; i < 10; ++i) {
        EXPECT_FALSE(rounds.unreachable().frozen);
        EXPECT_EQ(rounds.unreachable().pause, milliseconds(500));
    }
}

TEST(SettingsRounds, WhatAnEarlierProcessFrozeStaysFrozen) {
    EXPECT_TRUE(SettingsRounds(5, milliseconds(500), true).divergent().frozen);
}

TEST(SettingsRounds, ANodeDivergesWhenItSaysAnythingElseOrNothingReadable) {
    const std::vector<SettingsReading> readings = {
        {NodeId("a"), "{}"}, {NodeId("b"), R"({"stopWords":[]})"}, {NodeId("c"), std::nullopt}};
    EXPECT_THAT(divergent_nodes("{}", readings), ElementsAre(NodeId("b"), NodeId("c")));
}

}  // namespace
}  // namespace miroir::operations
