#include "writes/shard_outcome.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace miroir::writes {
namespace {

using coordination::TargetResult;
using testing::ElementsAre;
using testing::IsEmpty;

CopyOutcome copy_of(const char* node, TargetResult result, bool clean = true) {
    CopyOutcome copy;
    copy.node = NodeId(node);
    copy.result = result;
    copy.clean = clean;
    return copy;
}

CopyFault fault(const char* node, const char* reason, const char* reference) {
    return {NodeId(node), reason, NodeId(reference)};
}

TEST(ShardOutcome, CopiesThatAllTookTheWriteAreEqual) {
    const auto outcome =
        shard_outcome({copy_of("a", TargetResult::acked), copy_of("b", TargetResult::acked)});
    EXPECT_EQ(outcome.clean_acks, 2U);
    EXPECT_THAT(outcome.faults, IsEmpty());
}

TEST(ShardOutcome, ACopyThatMissedAnAcceptedWriteFollowsOneThatTookIt) {
    const auto outcome =
        shard_outcome({copy_of("a", TargetResult::unsent), copy_of("b", TargetResult::acked)});
    EXPECT_EQ(outcome.clean_acks, 1U);
    EXPECT_THAT(outcome.faults, ElementsAre(fault("a", "unsent", "b")));
}

TEST(ShardOutcome, AWriteThatNoCopyCanHaveTakenLeavesNoMark) {
    const auto outcome =
        shard_outcome({copy_of("a", TargetResult::unsent), copy_of("b", TargetResult::refused, false)});
    EXPECT_EQ(outcome.clean_acks, 0U);
    EXPECT_THAT(outcome.faults, IsEmpty());
}

TEST(ShardOutcome, WhatOnlyADirtyCopyTookIsUndoneThere) {
    const auto outcome =
        shard_outcome({copy_of("a", TargetResult::unsent), copy_of("b", TargetResult::acked, false)});
    EXPECT_EQ(outcome.clean_acks, 0U);
    EXPECT_THAT(outcome.faults, ElementsAre(fault("b", "not_accepted", "a")));
}

TEST(ShardOutcome, TheLastCleanCopyStaysCleanThoughNobodyKnowsWhatItTook) {
    const auto outcome =
        shard_outcome({copy_of("a", TargetResult::acked, false), copy_of("b", TargetResult::unknown)});
    EXPECT_EQ(outcome.clean_acks, 0U);
    EXPECT_THAT(outcome.faults, ElementsAre(fault("a", "not_accepted", "b")));
}

TEST(ShardOutcome, OfUnknownOutcomesOneIsTheReference) {
    auto away = copy_of("a", TargetResult::unknown);
    away.reachable = false;
    const auto outcome = shard_outcome({away, copy_of("b", TargetResult::unknown)});
    EXPECT_THAT(outcome.faults, ElementsAre(fault("a", "unknown", "b")));
}

TEST(ShardOutcome, ACopyThatSurelyLacksTheWriteOutweighsOneThatMayHaveIt) {
    const auto outcome =
        shard_outcome({copy_of("a", TargetResult::unknown), copy_of("b", TargetResult::unsent)});
    EXPECT_THAT(outcome.faults, ElementsAre(fault("a", "unknown", "b")));
}

TEST(ShardOutcome, AnUpdateThatMayHaveSkippedDocumentsLeavesAMark) {
    auto skipping = copy_of("b", TargetResult::acked, false);
    skipping.was_dirty = true;
    const auto outcome = shard_outcome({copy_of("a", TargetResult::acked), skipping});
    EXPECT_EQ(outcome.clean_acks, 1U);
    EXPECT_THAT(outcome.faults, ElementsAre(fault("b", "was_dirty", "a")));
}

TEST(ShardOutcome, TheAckOfACopyThatWasRepairedMeanwhileDoesNotCount) {
    auto repaired = copy_of("b", TargetResult::acked);
    repaired.was_dirty = true;
    const auto outcome = shard_outcome({copy_of("a", TargetResult::unsent), repaired});
    EXPECT_EQ(outcome.clean_acks, 0U);
    EXPECT_THAT(outcome.faults, ElementsAre(fault("b", "was_dirty", "a")));
}

TEST(ShardOutcome, WithoutACleanCopyTheOneThatTookTheWriteIsTheReference) {
    const auto outcome =
        shard_outcome({copy_of("a", TargetResult::unsent, false), copy_of("b", TargetResult::acked, false)});
    EXPECT_EQ(outcome.clean_acks, 0U);
    EXPECT_THAT(outcome.faults, ElementsAre(fault("a", "unsent", "b")));
}

// Copies are lists of the writes that they took. Whatever nodes do to writes, some clean copy has all that
// were accepted, and clean copies are equal.
TEST(ShardOutcome, SomeCopyAlwaysHoldsEveryAcceptedWrite) {
    std::mt19937 random(17);
    for (int round = 0; round < 400; ++round) {
        const std::size_t count = 2 + random() % 3;
        std::vector<std::vector<int>> content(count);
        std::vector<bool> clean(count, true);
        std::vector<int> accepted;
        for (int write = 0; write < 25; ++write) {
            std::vector<CopyOutcome> copies;
            for (std::size_t i = 0; i < count; ++i) {
                static constexpr TargetResult results[] = {TargetResult::acked, TargetResult::acked,
                                                           TargetResult::unsent, TargetResult::unknown};
                auto copy = copy_of(std::to_string(i).c_str(), results[random() % 4], clean[i]);
                const bool took = copy.result == TargetResult::acked ||
                                  (copy.result == TargetResult::unknown && random() % 2 == 0);
                if (took) content[i].push_back(write);
                copies.push_back(std::move(copy));
            }
            const auto outcome = shard_outcome(copies);
            for (const auto& one : outcome.faults) clean[std::stoul(one.node.str())] = false;
            if (outcome.clean_acks > 0) accepted.push_back(write);
            std::size_t reference = count;
            for (std::size_t i = 0; i < count; ++i) {
                if (clean[i]) reference = i;
            }
            ASSERT_LT(reference, count);
            for (const int one : accepted) {
                ASSERT_THAT(content[reference], testing::Contains(one)) << "round " << round;
            }
            for (std::size_t i = 0; i < count; ++i) {
                if (clean[i]) ASSERT_EQ(content[i], content[reference]) << "round " << round;
                // A repair now and then.
                if (!clean[i] && random() % 4 == 0) {
                    content[i] = content[reference];
                    clean[i] = true;
                }
            }
        }
    }
}

}  // namespace
}  // namespace miroir::writes
