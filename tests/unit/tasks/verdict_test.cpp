#include "miroir/tasks/verdict.hpp"

#include <gtest/gtest.h>

namespace miroir::tasks {
namespace {

using coordination::NodePart;
using coordination::TaskRecord;
using coordination::TaskStatus;

NodePart part(const std::string& node, std::vector<ShardId> shards, std::string result,
              std::optional<TaskStatus> status = {}, std::string details = "{}") {
    NodePart made;
    made.node = NodeId(node);
    made.shards = std::move(shards);
    made.result = std::move(result);
    made.status = status;
    made.details_json = std::move(details);
    return made;
}

TaskRecord addition() {
    TaskRecord task;
    task.uid = 7;
    task.type = "documentAdditionOrUpdate";
    task.details_json = R"({"receivedDocuments":3,"indexedDocuments":null})";
    return task;
}

std::optional<Verdict> judged(const std::vector<NodePart>& parts, std::vector<bool> abandoned = {}) {
    abandoned.resize(parts.size(), false);
    return judge(addition(), parts, abandoned);
}

TEST(Judge, WaitsForEveryNodeThatMayStillAnswer) {
    EXPECT_FALSE(judged({part("a", {0}, "acked", TaskStatus::succeeded), part("b", {0}, "acked")}));
    EXPECT_FALSE(judged({part("a", {0}, "acked", TaskStatus::succeeded), part("b", {0}, "planned")}));
}

TEST(Judge, CountsDocumentsOnceWhateverTheNumberOfCopies) {
    const auto verdict =
        judged({part("a", {0, 1}, "acked", TaskStatus::succeeded, R"({"indexedDocuments":2})"),
                part("b", {0, 2}, "acked", TaskStatus::succeeded, R"({"indexedDocuments":3})"),
                part("c", {1, 2}, "acked", TaskStatus::succeeded, R"({"indexedDocuments":3})")});
    ASSERT_TRUE(verdict);
    EXPECT_EQ(verdict->status, TaskStatus::succeeded);
    EXPECT_EQ(verdict->details_json, R"({"receivedDocuments":3,"indexedDocuments":4})");
    EXPECT_TRUE(verdict->divergent.empty());
}

TEST(Judge, SucceedsWhenEveryShardHasACopyThatDidAndNamesTheOthers) {
    const auto verdict = judged({part("a", {0}, "acked", TaskStatus::succeeded, R"({"indexedDocuments":3})"),
                                 part("b", {0}, "acked", TaskStatus::failed)});
    ASSERT_TRUE(verdict);
    EXPECT_EQ(verdict->status, TaskStatus::succeeded);
    ASSERT_EQ(verdict->divergent.size(), 1U);
    EXPECT_EQ(verdict->divergent[0].node, NodeId("b"));
    EXPECT_EQ(verdict->divergent[0].reference, NodeId("a"));
    EXPECT_EQ(verdict->details_json, R"({"receivedDocuments":3,"indexedDocuments":3})");
}

TEST(Judge, FailsWithTheNodesErrorWhenAllCopiesOfAShardFailed) {
    auto failed = part("b", {1}, "acked", TaskStatus::failed);
    failed.error_json = R"({"code":"invalid_document_geo_field"})";
    const auto verdict = judged({part("a", {0}, "acked", TaskStatus::succeeded), failed});
    ASSERT_TRUE(verdict);
    EXPECT_EQ(verdict->status, TaskStatus::failed);
    EXPECT_EQ(verdict->error_json, failed.error_json);
    EXPECT_EQ(verdict->details_json, R"({"receivedDocuments":3,"indexedDocuments":0})");
}

TEST(Judge, DoesNotWaitForANodeThatIsGivenUpWhenAnotherCopyHasAnOutcome) {
    const auto verdict = judged(
        {part("a", {0}, "acked", TaskStatus::succeeded), part("b", {0}, "acked", TaskStatus::processing)},
        {false, true});
    ASSERT_TRUE(verdict);
    EXPECT_EQ(verdict->status, TaskStatus::succeeded);
    ASSERT_EQ(verdict->divergent.size(), 1U);
    EXPECT_EQ(verdict->divergent[0].node, NodeId("b"));
}

TEST(Judge, StaysOpenWhileNoCopyOfAShardHasAnOutcome) {
    EXPECT_FALSE(judged({part("a", {0}, "acked"), part("b", {0}, "acked")}, {true, true}));
}

TEST(Judge, IsCanceledOnlyWhenNoCopyAppliedIt) {
    const auto canceled = judged(
        {part("a", {0}, "acked", TaskStatus::canceled), part("b", {0}, "acked", TaskStatus::canceled)});
    ASSERT_TRUE(canceled);
    EXPECT_EQ(canceled->status, TaskStatus::canceled);
    const auto applied = judged(
        {part("a", {0}, "acked", TaskStatus::canceled), part("b", {0}, "acked", TaskStatus::succeeded)});
    ASSERT_TRUE(applied);
    EXPECT_EQ(applied->status, TaskStatus::succeeded);
    ASSERT_EQ(applied->divergent.size(), 1U);
    EXPECT_EQ(applied->divergent[0].node, NodeId("a"));
}

TEST(Judge, FailsWhenNobodyKnowsWhetherAnyCopyTookIt) {
    const auto verdict = judged({part("a", {0}, "unknown"), part("b", {0}, "unsent")});
    ASSERT_TRUE(verdict);
    EXPECT_EQ(verdict->status, TaskStatus::failed);
}

NodePart found(NodePart part) {
    part.found = true;
    return part;
}

TEST(Judge, APartThatWasFoundDecidesWhereNoOtherWasAcked) {
    auto late = found(part("a", {0}, "acked", TaskStatus::succeeded, R"({"indexedDocuments":3})"));
    auto verdict = judged({late, part("b", {0}, "unknown")});
    ASSERT_TRUE(verdict);
    EXPECT_EQ(verdict->status, TaskStatus::succeeded);
    EXPECT_EQ(verdict->details_json, R"({"receivedDocuments":3,"indexedDocuments":3})");
    late.status = TaskStatus::failed;
    late.error_json = R"({"code":"x"})";
    verdict = judged({late, part("b", {0}, "unknown")});
    ASSERT_TRUE(verdict);
    EXPECT_EQ(verdict->status, TaskStatus::failed);
    EXPECT_EQ(verdict->error_json, late.error_json);
}

TEST(Judge, APartThatWasFoundFollowsThoseThatWereAcked) {
    const auto late = found(part("a", {0}, "acked", TaskStatus::succeeded));
    const auto failed = part("b", {0}, "acked", TaskStatus::failed);
    for (const auto& parts : {std::vector{late, failed}, std::vector{failed, late}}) {
        const auto verdict = judged(parts);
        ASSERT_TRUE(verdict);
        EXPECT_EQ(verdict->status, TaskStatus::failed);
        ASSERT_EQ(verdict->divergent.size(), 1U);
        EXPECT_EQ(verdict->divergent[0].node, NodeId("a"));
        EXPECT_EQ(verdict->divergent[0].reference, NodeId("b"));
    }
    const auto verdict = judged({late, part("b", {0}, "acked", TaskStatus::succeeded)});
    ASSERT_TRUE(verdict);
    EXPECT_EQ(verdict->status, TaskStatus::succeeded);
    EXPECT_TRUE(verdict->divergent.empty());
    EXPECT_FALSE(judged({late, part("b", {0}, "acked")})) << "b still works on it";
}

}  // namespace
}  // namespace miroir::tasks
