#include <algorithm>
#include <mutex>
#include <set>

#include "journal_contract.hpp"

namespace miroir::contract {
namespace {

using coordination::TaskFilter;
using coordination::TaskFinish;
using coordination::TaskPageRequest;
using coordination::TaskRecord;
using testing::ElementsAre;
using testing::IsEmpty;

class TaskRegistryContract : public JournalContract {
protected:
    coordination::TaskRegistry& tasks() { return store().tasks(); }
    TaskRecord add(const std::string& type, const std::string& index) {
        return run(tasks().add(a_task(type, index), ReplicaId("r"), std::nullopt));
    }
    TaskRecord get(TaskUid uid) { return run(tasks().find(uid)).value(); }
    bool finish(TaskUid uid, TaskStatus status) {
        TaskFinish finish;
        finish.uid = uid;
        finish.status = status;
        return run(tasks().finish(finish));
    }
    std::vector<TaskUid> matching(const TaskFilter& filter) { return run(tasks().matching(filter)); }
    std::vector<TaskUid> page(const TaskPageRequest& request) {
        std::vector<TaskUid> uids;
        for (const auto& task : run(tasks().page(request)).tasks) uids.push_back(task.uid);
        return uids;
    }
    // An entry of which both nodes acknowledged one node task.
    TaskUid acked_write(NodeTaskUid node_task) {
        const auto entry = open(document_write({0}));
        EntryOutcome outcome;
        outcome.targets = {{NodeId("a"), TargetResult::acked, {node_task}, ""},
                           {NodeId("b"), TargetResult::acked, {node_task}, ""}};
        run(journal().close(entry.uid(), by_, outcome));
        return entry.uid();
    }
    std::vector<std::string> unfinished_parts() {
        std::vector<std::string> texts;
        for (const auto& part : run(tasks().unfinished_parts()))
            texts.push_back(part.node.str() + std::to_string(part.uid));
        return texts;
    }
};
MIROIR_CONTRACT(TaskRegistryContract);

TEST_P(TaskRegistryContract, KeepsWhatWasAdded) {
    coordination::TaskDraft draft;
    draft.type = "taskDeletion";
    draft.custom_metadata = "mine \"é\"";
    const auto added = run(tasks().add(draft, ReplicaId("r"), std::nullopt));
    EXPECT_EQ(added.uid, 0U);
    const auto task = get(0);
    EXPECT_EQ(task.type, "taskDeletion");
    EXPECT_EQ(task.index_uid, std::nullopt);
    EXPECT_EQ(task.custom_metadata, draft.custom_metadata);
    EXPECT_EQ(task.status, TaskStatus::enqueued);
    EXPECT_EQ(task.details_json, "");
    EXPECT_EQ(task.error_json, "");
    EXPECT_EQ(task.canceled_by, std::nullopt);
    EXPECT_EQ(task.enqueued_at, added.enqueued_at);
    EXPECT_EQ(task.started_at, std::nullopt);
    EXPECT_EQ(task.finished_at, std::nullopt);
    EXPECT_EQ(run(tasks().find(1)), std::nullopt);
}

TEST_P(TaskRegistryContract, ATaskMayBeFinishedAsItIsAdded) {
    TaskFinish finish;
    finish.uid = 99;
    finish.status = TaskStatus::failed;
    finish.error_json = R"({"code":"missing_document_id"})";
    const auto added = run(tasks().add(a_task("documentAdditionOrUpdate", "books"), ReplicaId("r"), finish));
    EXPECT_EQ(added.uid, 0U);
    EXPECT_EQ(added.status, TaskStatus::failed);
    EXPECT_EQ(added.error_json, finish.error_json);
    EXPECT_EQ(added.details_json, a_task("", "").details_json);
    ASSERT_TRUE(added.finished_at);
    EXPECT_GE(*added.finished_at, added.enqueued_at);
    EXPECT_FALSE(run(tasks().finish(finish)));
    EXPECT_THAT(run(tasks().unfinished()), IsEmpty());
}

TEST_P(TaskRegistryContract, StartsOnlyWhatIsEnqueued) {
    const auto task = add("settingsUpdate", "books");
    run(tasks().start(task.uid, {task.enqueued_at.us + 5}));
    EXPECT_EQ(get(0).status, TaskStatus::processing);
    EXPECT_EQ(get(0).started_at, WallTime{task.enqueued_at.us + 5});
    run(tasks().start(task.uid, {task.enqueued_at.us + 9}));
    EXPECT_EQ(get(0).started_at, WallTime{task.enqueued_at.us + 5});
    finish(0, TaskStatus::succeeded);
    run(tasks().start(task.uid, {task.enqueued_at.us + 9}));
    EXPECT_EQ(get(0).status, TaskStatus::succeeded);
}

TEST_P(TaskRegistryContract, FinishesOnce) {
    const auto task = add("documentAdditionOrUpdate", "books");
    TaskFinish finish;
    finish.status = TaskStatus::canceled;
    finish.details_json = R"({"receivedDocuments":1,"indexedDocuments":0})";
    finish.canceled_by = 7;
    finish.started_at = WallTime{task.enqueued_at.us + 1};
    finish.finished_at = WallTime{task.enqueued_at.us + 2};
    EXPECT_TRUE(run(tasks().finish(finish)));
    const auto finished = get(0);
    EXPECT_EQ(finished.status, TaskStatus::canceled);
    EXPECT_EQ(finished.details_json, finish.details_json);
    EXPECT_EQ(finished.canceled_by, 7U);
    EXPECT_EQ(finished.started_at, finish.started_at);
    EXPECT_EQ(finished.finished_at, finish.finished_at);

    finish.status = TaskStatus::succeeded;
    EXPECT_FALSE(run(tasks().finish(finish)));
    EXPECT_EQ(get(0).status, TaskStatus::canceled);
    finish.uid = 5;
    EXPECT_FALSE(run(tasks().finish(finish)));
}

TEST_P(TaskRegistryContract, FinishingKeepsTheStartAndTheDetails) {
    const auto task = add("documentAdditionOrUpdate", "books");
    run(tasks().start(0, task.enqueued_at));
    let_time_pass(3s);
    finish(0, TaskStatus::succeeded);
    EXPECT_EQ(get(0).started_at, task.enqueued_at);
    EXPECT_EQ(get(0).details_json, task.details_json);
    EXPECT_GE(get(0).finished_at->us, task.enqueued_at.us + 3'000'000);
}

TEST_P(TaskRegistryContract, PagesHoldOneMoreThanTheirLimit) {
    for (int i = 0; i < 6; ++i) add("settingsUpdate", i % 2 ? "odd" : "even");
    TaskPageRequest request;
    request.limit = 2;
    EXPECT_THAT(page(request), ElementsAre(5U, 4U, 3U));
    request.from = 3;
    EXPECT_THAT(page(request), ElementsAre(3U, 2U, 1U));
    EXPECT_EQ(run(tasks().page(request)).total, 6U);
    request.ascending = true;
    EXPECT_THAT(page(request), ElementsAre(3U, 4U, 5U));
    request.from.reset();
    request.filter.index_uids = {"odd"};
    request.limit = 3;
    EXPECT_THAT(page(request), ElementsAre(1U, 3U, 5U));
    EXPECT_EQ(run(tasks().page(request)).total, 3U);
    request.limit = 0;
    EXPECT_THAT(page(request), ElementsAre(1U));
    EXPECT_EQ(run(tasks().page(request)).total, 3U);
}

TEST_P(TaskRegistryContract, FiltersAreAndOverFieldsAndOrInsideOne) {
    add("indexCreation", "books");
    add("settingsUpdate", "films");
    add("settingsUpdate", "books");
    add("indexDeletion", "it's");
    finish(0, TaskStatus::succeeded);
    run(tasks().start(1, {1}));
    TaskFinish canceled;
    canceled.uid = 2;
    canceled.status = TaskStatus::canceled;
    canceled.canceled_by = 3;
    run(tasks().finish(canceled));

    EXPECT_THAT(matching({}), ElementsAre(0U, 1U, 2U, 3U));
    EXPECT_THAT(matching({.uids = {3, 1, 77}}), ElementsAre(1U, 3U));
    EXPECT_THAT(matching({.canceled_by = {3}}), ElementsAre(2U));
    EXPECT_THAT(matching({.types = {"indexCreation", "indexDeletion"}}), ElementsAre(0U, 3U));
    EXPECT_THAT(matching({.statuses = {TaskStatus::enqueued, TaskStatus::processing}}), ElementsAre(1U, 3U));
    EXPECT_THAT(matching({.index_uids = {"it's", "films"}}), ElementsAre(1U, 3U));
    EXPECT_THAT(matching({.below = 2}), ElementsAre(0U, 1U));
    EXPECT_THAT(run(tasks().index_uids()), testing::UnorderedElementsAre("books", "films", "it's"));
    EXPECT_THAT(matching({.types = {"settingsUpdate"}, .index_uids = {"books"}}), ElementsAre(2U));
    EXPECT_THAT(matching({.types = {"indexSwap"}}), IsEmpty());
}

TEST_P(TaskRegistryContract, TimesAreFilteredStrictly) {
    std::vector<WallTime> enqueued;
    for (int i = 0; i < 3; ++i) {
        enqueued.push_back(add("settingsUpdate", "books").enqueued_at);
        let_time_pass(1s);
    }
    EXPECT_THAT(matching({.after_enqueued_at = enqueued[0]}), ElementsAre(1U, 2U));
    EXPECT_THAT(matching({.before_enqueued_at = enqueued[2]}), ElementsAre(0U, 1U));
    EXPECT_THAT(matching({.after_enqueued_at = enqueued[0], .before_enqueued_at = enqueued[2]}),
                ElementsAre(1U));

    run(tasks().start(1, {500}));
    TaskFinish finish;
    finish.uid = 1;
    finish.finished_at = WallTime{900};
    run(tasks().finish(finish));
    EXPECT_THAT(matching({.after_started_at = WallTime{499}}), ElementsAre(1U));
    EXPECT_THAT(matching({.after_started_at = WallTime{500}}), IsEmpty());
    EXPECT_THAT(matching({.before_started_at = WallTime{501}}), ElementsAre(1U));
    EXPECT_THAT(matching({.before_started_at = WallTime{500}}), IsEmpty());
    EXPECT_THAT(matching({.after_finished_at = WallTime{899}}), ElementsAre(1U));
    EXPECT_THAT(matching({.after_finished_at = WallTime{900}}), IsEmpty());
    EXPECT_THAT(matching({.before_finished_at = WallTime{901}}), ElementsAre(1U));
    EXPECT_THAT(matching({.before_finished_at = WallTime{900}}), IsEmpty());
}

TEST_P(TaskRegistryContract, UnfinishedTasksAscend) {
    for (int i = 0; i < 4; ++i) add("settingsUpdate", "books");
    run(tasks().start(2, {1}));
    finish(1, TaskStatus::failed);
    std::vector<TaskUid> uids;
    for (const auto& one : run(tasks().unfinished())) uids.push_back(one.task.uid);
    EXPECT_THAT(uids, ElementsAre(0U, 2U, 3U));
}

TEST_P(TaskRegistryContract, AnUnfinishedTaskIsTheWorkOfItsReplica) {
    open(document_write({0}));
    run(tasks().add(a_task("taskCancelation", "books"), ReplicaId("s"), std::nullopt));
    auto unfinished = run(tasks().unfinished());
    ASSERT_EQ(unfinished.size(), 2U);
    EXPECT_EQ(unfinished[0].replica, by_);
    EXPECT_FALSE(unfinished[0].abandoned);
    EXPECT_EQ(unfinished[1].replica, ReplicaId("s"));
    EXPECT_TRUE(unfinished[1].abandoned) << "nobody has heard of it";

    run(store().peers().beat({ReplicaId("s"), "1"}, 1s));
    run(store().peers().leave(by_));
    ASSERT_TRUE(run(journal().take_over(0, by_, ReplicaId("t"))));
    unfinished = run(tasks().unfinished());
    EXPECT_EQ(unfinished[0].replica, ReplicaId("t"));
    EXPECT_FALSE(unfinished[1].abandoned);
    let_time_pass(1s);
    EXPECT_TRUE(run(tasks().unfinished())[1].abandoned);
}

TEST_P(TaskRegistryContract, ACancelationIsAskedForOnceAndMayBeRefused) {
    for (int i = 0; i < 4; ++i) add("settingsUpdate", "books");
    finish(3, TaskStatus::succeeded);
    run(tasks().request_cancel({0, 1, 3, 99}, 7));
    run(tasks().request_cancel({1, 2}, 8));
    const auto asked = [&] {
        std::vector<TaskUid> by;
        for (const auto& one : run(tasks().unfinished())) by.push_back(one.cancel_by.value_or(0));
        return by;
    };
    EXPECT_THAT(asked(), ElementsAre(7U, 7U, 8U));
    EXPECT_EQ(get(0).canceled_by, std::nullopt) << "it is not canceled yet";
    run(tasks().refuse_cancel(1));
    EXPECT_THAT(asked(), ElementsAre(7U, 0U, 8U));
    EXPECT_EQ(get(3).status, TaskStatus::succeeded);
}

TEST_P(TaskRegistryContract, ThePollerIsGivenAckedPartsOfUnfinishedTasks) {
    acked_write(10);
    acked_write(11);
    acked_write(12);
    open(document_write({1}));
    finish(1, TaskStatus::succeeded);
    EXPECT_THAT(unfinished_parts(), ElementsAre("a0", "a2", "b0", "b2"));

    auto seen = run(tasks().parts(0))[0];
    seen.status = TaskStatus::processing;
    run(tasks().update_parts({seen}));
    EXPECT_THAT(unfinished_parts(), ElementsAre("a0", "a2", "b0", "b2"));
    seen.status = TaskStatus::failed;
    run(tasks().update_parts({seen}));
    EXPECT_THAT(unfinished_parts(), ElementsAre("a2", "b0", "b2"));
}

TEST_P(TaskRegistryContract, UnknownPartsThatAreSoughtAreLookedUpUntilThatEnds) {
    const auto entry = open(document_write({0, 1}));
    EntryOutcome outcome;
    outcome.targets = {{NodeId("a"), TargetResult::unknown, {6}, "", 2, 5},
                       {NodeId("b"), TargetResult::unknown, {}, "", 1, std::nullopt}};
    EXPECT_THAT(run(tasks().lookups()), IsEmpty());
    run(journal().close(entry.uid(), by_, outcome));
    for (const auto& target :
         {coordination::TargetOutcome{NodeId("a"), TargetResult::unknown, {}, ""},
          coordination::TargetOutcome{NodeId("a"), TargetResult::acked, {7}, "", 1, 5}}) {
        outcome.targets = {target};
        run(journal().close(open(document_write({0})).uid(), by_, outcome));
    }
    restart();
    auto lookups = run(tasks().lookups());
    ASSERT_EQ(lookups.size(), 2U);
    EXPECT_EQ(lookups[0].uid, entry.uid());
    EXPECT_EQ(lookups[0].replica, by_);
    EXPECT_FALSE(lookups[0].abandoned);
    EXPECT_EQ(lookups[0].node, NodeId("a"));
    EXPECT_EQ(lookups[0].nonce, entry.nonce());
    EXPECT_EQ(lookups[0].node_tasks, 2U);
    EXPECT_EQ(lookups[0].newest_before, 5U);
    EXPECT_FALSE(lookups[0].task_ended);
    EXPECT_EQ(lookups[1].node, NodeId("b"));
    EXPECT_EQ(lookups[1].newest_before, std::nullopt);

    finish(entry.uid(), TaskStatus::succeeded);
    auto found = run(tasks().parts(entry.uid()))[0];
    EXPECT_FALSE(found.found);
    found.result = "acked";
    found.node_tasks = {6, 8};
    found.status = TaskStatus::succeeded;
    found.found = true;
    run(tasks().end_lookups({found}));
    lookups = run(tasks().lookups());
    ASSERT_EQ(lookups.size(), 1U);
    EXPECT_EQ(lookups[0].node, NodeId("b"));
    EXPECT_TRUE(lookups[0].task_ended);
    const auto parts = run(tasks().parts(entry.uid()));
    EXPECT_TRUE(parts[0].found);
    EXPECT_EQ(parts[0].result, "acked");
    EXPECT_EQ(parts[0].status, TaskStatus::succeeded);
    EXPECT_THAT(parts[0].node_tasks, ElementsAre(6U, 8U));
    EXPECT_THAT(parts[0].shards, ElementsAre(0U, 1U));
    EXPECT_FALSE(parts[1].found);

    run(tasks().remove_finished({entry.uid()}));
    EXPECT_THAT(run(tasks().lookups()), IsEmpty());
}

TEST_P(TaskRegistryContract, KeepsWhatThePollerSaw) {
    acked_write(10);
    auto seen = run(tasks().parts(0))[1];
    seen.status = TaskStatus::succeeded;
    seen.details_json = R"({"indexedDocuments":1})";
    seen.error_json = "{}";
    seen.started_at = WallTime{5};
    seen.finished_at = WallTime{6};
    run(tasks().update_parts({seen}));
    restart();
    const auto found = run(tasks().parts(0))[1];
    EXPECT_EQ(found.node, NodeId("b"));
    EXPECT_EQ(found.status, TaskStatus::succeeded);
    EXPECT_EQ(found.details_json, seen.details_json);
    EXPECT_EQ(found.error_json, seen.error_json);
    EXPECT_EQ(found.started_at, seen.started_at);
    EXPECT_EQ(found.finished_at, seen.finished_at);
    EXPECT_THAT(found.node_tasks, ElementsAre(10U));
}

TEST_P(TaskRegistryContract, AFinishedPartNeverBecomesUnfinished) {
    acked_write(10);
    auto seen = run(tasks().parts(0))[0];
    seen.status = TaskStatus::succeeded;
    run(tasks().update_parts({seen}));
    for (const auto& late : {std::optional(TaskStatus::processing), std::optional<TaskStatus>()}) {
        seen.status = late;
        run(tasks().update_parts({seen}));
        EXPECT_EQ(run(tasks().parts(0))[0].status, TaskStatus::succeeded);
    }
    seen.uid = 44;
    run(tasks().update_parts({seen}));
    EXPECT_THAT(run(tasks().parts(44)), IsEmpty());
}

TEST_P(TaskRegistryContract, OnlyFinishedTasksAreRemoved) {
    acked_write(10);
    acked_write(11);
    finish(0, TaskStatus::succeeded);
    EXPECT_EQ(run(tasks().remove_finished({0, 1, 50})), 1U);
    EXPECT_EQ(run(tasks().find(0)), std::nullopt);
    EXPECT_THAT(run(tasks().parts(0)), IsEmpty());
    EXPECT_EQ(run(tasks().parts(1)).size(), 2U);
}

TEST_P(TaskRegistryContract, ARemovedUidIsNotIssuedAgain) {
    for (TaskUid uid = 0; uid < 3; ++uid) {
        add("settingsUpdate", "books");
        finish(uid, TaskStatus::succeeded);
    }
    EXPECT_EQ(run(tasks().remove_finished({0, 1, 2})), 3U);
    restart();
    EXPECT_EQ(add("settingsUpdate", "books").uid, 3U);
}

TEST_P(TaskRegistryContract, ARenameReachesTheTasksBeforeIt) {
    add("settingsUpdate", "books");
    add("settingsUpdate", "films");
    add("settingsUpdate", "books");
    run(tasks().rename_index("books", "novels", 2));
    EXPECT_EQ(get(0).index_uid, "novels");
    EXPECT_EQ(get(1).index_uid, "films");
    EXPECT_EQ(get(2).index_uid, "books");
}

TEST_P(TaskRegistryContract, PruningRemovesOldFinishedTasks) {
    for (TaskUid uid = 0; uid < 4; ++uid) add("settingsUpdate", "books");
    for (const TaskUid uid : {0U, 2U, 3U}) {
        TaskFinish finish;
        finish.uid = uid;
        finish.finished_at = WallTime{100 + std::int64_t{uid}};
        run(tasks().finish(finish));
    }
    EXPECT_EQ(run(tasks().prune({102}, 100)), 1U);
    EXPECT_THAT(matching({}), ElementsAre(1U, 2U, 3U));
    EXPECT_EQ(run(tasks().prune({102}, 100)), 0U);
}

TEST_P(TaskRegistryContract, PruningKeepsTheNewestUpToTheCap) {
    acked_write(1);
    for (int i = 0; i < 4; ++i) acked_write(1);
    for (const TaskUid uid : {0U, 1U, 2U, 4U}) finish(uid, TaskStatus::succeeded);
    EXPECT_EQ(run(tasks().prune({0}, 2)), 2U);
    EXPECT_THAT(matching({}), ElementsAre(2U, 3U, 4U));
    EXPECT_THAT(run(tasks().parts(1)), IsEmpty());
}

TEST_P(TaskRegistryContract, UidsStayDenseAmongManyReplicas) {
    constexpr std::size_t threads = 4, each = 10;
    std::mutex mutex;
    std::set<TaskUid> uids;
    at_once(threads, [&](std::size_t i) {
        for (std::size_t n = 0; n < each; ++n) {
            const auto task =
                run(replica(i).tasks().add(a_task("indexSwap", "books"), ReplicaId("r"), std::nullopt));
            const std::lock_guard lock(mutex);
            uids.insert(task.uid);
        }
    });
    EXPECT_EQ(uids.size(), threads * each);
    EXPECT_EQ(*uids.rbegin(), threads * each - 1);
}

TEST(TaskStatusNames, ReadBack) {
    for (const auto status : {TaskStatus::enqueued, TaskStatus::processing, TaskStatus::succeeded,
                              TaskStatus::failed, TaskStatus::canceled}) {
        EXPECT_EQ(coordination::task_status(name_of(status)), status);
    }
    EXPECT_EQ(coordination::task_status("cancelled"), std::nullopt);
}

}  // namespace
}  // namespace miroir::contract
