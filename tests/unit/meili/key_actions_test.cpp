#include "miroir/meili/key_actions.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace miroir::meili {
namespace {

using testing::UnorderedElementsAre;

TEST(KeyActions, AWildcardStandsForItsMembersAndNotForItself) {
    EXPECT_THAT(allowed_actions({"documents.*"}),
                UnorderedElementsAre("documents.add", "documents.get", "documents.delete"));
    EXPECT_THAT(allowed_actions({"indexes.*"}),
                UnorderedElementsAre("indexes.create", "indexes.get", "indexes.update", "indexes.delete",
                                     "indexes.swap", "indexes.compact"));
    EXPECT_THAT(allowed_actions({"chats.*"}), UnorderedElementsAre("chats.get", "chats.delete"));
    EXPECT_THAT(allowed_actions({"search", "version"}), UnorderedElementsAre("search", "version"));
    EXPECT_TRUE(allowed_actions({}).empty());
}

TEST(KeyActions, AStarIsEverything) {
    const auto all = allowed_actions({"*"});
    EXPECT_EQ(all.size(), key_actions().size() - 1);
    EXPECT_EQ(all.count("documents.*"), 1U);
    EXPECT_EQ(all.count("keys.delete"), 1U);
    EXPECT_EQ(all.count("*.get"), 0U);
}

TEST(KeyActions, WhatOnlyReadsShowsNoKeysAndMakesNoChats) {
    EXPECT_THAT(allowed_actions({"*.get"}),
                UnorderedElementsAre("search", "documents.get", "export", "indexes.get", "tasks.get",
                                     "settings.get", "stats.get", "metrics.get", "version",
                                     "experimental.get", "network.get", "chats.get", "chatsSettings.get",
                                     "webhooks.get", "fields.post", "dynamicSearchRules.get"));
}

TEST(KeyActions, SomeConcernTheWholeServer) {
    EXPECT_TRUE(is_global_action("dumps.create"));
    EXPECT_TRUE(is_global_action("tasks.compact"));
    EXPECT_FALSE(is_global_action("*"));
    EXPECT_FALSE(is_global_action("documents.add"));
    EXPECT_TRUE(is_checked_by_route("tasks.get"));
    EXPECT_FALSE(is_checked_by_route("version"));
    EXPECT_FALSE(is_checked_by_route("documents.add"));
}

}  // namespace
}  // namespace miroir::meili
