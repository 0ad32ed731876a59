#include "miroir/operations/orphan_indexes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake_cluster.hpp"

namespace miroir::operations {
namespace {

using test::FakeCall;
using test::FakeReaction;
using testing::ElementsAre;
using testing::IsEmpty;

struct OrphanIndexesTest : testing::Test {
    test::FakeCluster cluster{{"a", "b"}};
    OrphanIndexes orphans{cluster.store,           cluster.snapshots, cluster.nodes, {},
                          cluster.loop.executor(), null_log(),        null_metrics()};

    // Deletes an index everywhere but on the nodes.
    void lose(const std::string& uid) {
        const auto index = cluster.index(uid);
        cluster.loop.run(cluster.sqlite->catalog().remove(index->logical, index->generation));
    }
    bool clean() { return cluster.loop.run(orphans.clean(NodeId("a"))); }

    std::vector<std::string> left() const {
        std::vector<std::string> uids;
        for (const auto& [uid, index] : cluster.nodes.by_id.at(NodeId("a")).indexes) uids.push_back(uid);
        return uids;
    }
    std::vector<std::string> deletions() const {
        std::vector<std::string> targets;
        for (const auto& call : cluster.nodes.calls) {
            if (call.method == http::Method::del) targets.push_back(call.target);
        }
        return targets;
    }
};

TEST_F(OrphanIndexesTest, WhatTheCatalogHasHadAndHasNoMoreIsDeleted) {
    cluster.make_index("books", "physical-1");
    cluster.make_index("drafts", "physical-2");
    lose("drafts");
    EXPECT_TRUE(clean());
    EXPECT_THAT(left(), ElementsAre("physical-1"));
    EXPECT_THAT(deletions(), ElementsAre("/indexes/physical-2"));
}

TEST_F(OrphanIndexesTest, AnIndexThatTheCatalogNeverHadIsLeftAlone) {
    cluster.make_index("books", "physical-1");
    cluster.nodes.by_id[NodeId("a")].indexes["movies"];
    cluster.nodes.by_id[NodeId("a")].indexes["mir0123456789abcdef01234567"];
    EXPECT_TRUE(clean());
    EXPECT_THAT(deletions(), IsEmpty());
    EXPECT_EQ(left().size(), 3U);
}

TEST_F(OrphanIndexesTest, AnIndexMadeWhileTheNodeIsAskedIsNotDeleted) {
    cluster.nodes.before = [&](const FakeCall& call) -> Async<void> {
        if (call.path() != "/indexes") co_return;
        cluster::IndexEntry entry;
        entry.logical = LogicalIndexUid("books");
        entry.physical = PhysicalIndexUid("physical-1");
        entry.settings_json = "{}";
        cluster.nodes.by_id[NodeId("a")].indexes["physical-1"];
        co_await cluster.sqlite->catalog().create(std::move(entry));
    };
    EXPECT_TRUE(clean());
    EXPECT_THAT(deletions(), IsEmpty());
}

TEST_F(OrphanIndexesTest, ANodeThatFailsOrAnswersGarbageIsNotDone) {
    cluster.make_index("books", "physical-1");
    lose("books");
    for (const auto* garbage :
         {"[]", "{}", "oops", R"({"results":{}})", R"({"results":[1]})", R"({"results":[{"uid":7}]})"}) {
        cluster.nodes.react = [garbage](const FakeCall&) { return FakeReaction::refuse(200, garbage); };
        EXPECT_FALSE(clean()) << garbage;
    }
    cluster.nodes.react = [](const FakeCall& call) {
        return call.method == http::Method::del ? FakeReaction::unsent() : FakeReaction{};
    };
    EXPECT_FALSE(clean());
    cluster.nodes.react = nullptr;
    EXPECT_TRUE(clean());
    EXPECT_THAT(left(), IsEmpty());
}

}  // namespace
}  // namespace miroir::operations
