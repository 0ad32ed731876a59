#include <atomic>
#include <set>
#include <type_traits>

#include "journal_contract.hpp"

namespace miroir::contract {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Opening an entry is the only way to have one.
static_assert(!std::is_default_constructible_v<OpenEntry>);
static_assert(!std::is_aggregate_v<OpenEntry>);
static_assert(!std::is_constructible_v<OpenEntry, TaskUid>);

class WriteJournalContract : public JournalContract {};
MIROIR_CONTRACT(WriteJournalContract);

TEST_P(WriteJournalContract, AnEntryIsATaskWithItsPlannedTargets) {
    const auto entry = open(document_write({0, 3}));
    EXPECT_EQ(entry.uid(), 0U);
    EXPECT_FALSE(entry.nonce().empty());
    EXPECT_THAT(entry.open_before(), IsEmpty());

    const auto task = run(store().tasks().find(0)).value();
    EXPECT_EQ(task.type, "documentAdditionOrUpdate");
    EXPECT_EQ(task.index_uid, "books");
    EXPECT_EQ(task.status, TaskStatus::enqueued);
    EXPECT_EQ(task.enqueued_at, entry.enqueued_at());
    EXPECT_FALSE(task.details_json.empty());

    const auto parts = run(store().tasks().parts(0));
    ASSERT_EQ(parts.size(), 2U);
    EXPECT_EQ(parts[0].node, NodeId("a"));
    EXPECT_EQ(parts[0].shards, (std::vector<ShardId>{0, 3}));
    EXPECT_EQ(parts[0].result, "planned");
    EXPECT_THAT(parts[0].node_tasks, IsEmpty());
    EXPECT_EQ(parts[0].status, std::nullopt);
}

TEST_P(WriteJournalContract, AnOpenEntryIsListedWithItsPlan) {
    auto draft = document_write({0, 3});
    draft.plan.physical = books_.physical;
    const auto entry = open(draft);
    const auto unfinished = run(journal().unfinished());
    ASSERT_EQ(unfinished.size(), 1U);
    const auto& found = unfinished[0];
    EXPECT_EQ(found.uid, entry.uid());
    EXPECT_EQ(found.nonce, entry.nonce());
    EXPECT_EQ(found.replica, by_);
    EXPECT_EQ(found.plan.index, draft.plan.index);
    EXPECT_EQ(found.plan.physical, books_.physical);
    EXPECT_EQ(found.plan.epoch, draft.plan.epoch);
    EXPECT_EQ(found.plan.generation, draft.plan.generation);
    EXPECT_FALSE(found.plan.conflicts.whole_index);
    EXPECT_EQ(found.plan.conflicts.shards, (std::vector<ShardId>{0, 3}));
    ASSERT_EQ(found.plan.targets.size(), 2U);
    EXPECT_EQ(found.plan.targets[1].node, NodeId("b"));
    EXPECT_EQ(found.plan.targets[1].shards, (std::vector<ShardId>{0, 3}));
    EXPECT_TRUE(found.open);
    EXPECT_EQ(found.operation, "");
    EXPECT_EQ(found.opened_at, entry.enqueued_at());
}

TEST_P(WriteJournalContract, NothingIsRecordedWhenTheTopologyChangedAfterPlanning) {
    const auto draft = document_write({0});
    run(store().topology().replace(1, a_topology()));
    expect_refused(draft, OpenRefusal::stale_epoch);
}

TEST_P(WriteJournalContract, NothingIsRecordedWhenTheIndexChangedAfterPlanning) {
    const auto draft = document_write({0});
    run(store().catalog().set_settings(books_.logical, books_.generation, "{}"));
    expect_refused(draft, OpenRefusal::stale_generation);
}

TEST_P(WriteJournalContract, NothingIsRecordedWhenTheIndexWasReplacedAfterPlanning) {
    const auto draft = document_write({0});
    run(store().catalog().remove(books_.logical, books_.generation));
    expect_refused(draft, OpenRefusal::stale_generation);
    run(store().catalog().create(an_index("books", "p9")));
    expect_refused(draft, OpenRefusal::stale_generation);
}

TEST_P(WriteJournalContract, GenerationZeroSaysThatTheIndexDoesNotExist) {
    auto draft = control_operation("indexCreation");
    draft.plan.generation = 0;
    expect_refused(draft, OpenRefusal::stale_generation);
    draft.plan.index = LogicalIndexUid("films");
    EXPECT_EQ(open(draft).uid(), 0U);
}

TEST_P(WriteJournalContract, TheRegistryAndTheJournalShareOneDenseSequence) {
    EXPECT_EQ(open(document_write({0})).uid(), 0U);
    EXPECT_EQ(run(store().tasks().add(a_task("taskCancelation", "books"), ReplicaId("r"), std::nullopt)).uid,
              1U);
    auto stale = document_write({0});
    stale.plan.epoch = 77;
    run(journal().open(stale));
    EXPECT_EQ(open(document_write({1})).uid(), 2U);
    restart();
    EXPECT_EQ(open(document_write({2})).uid(), 3U);
}

TEST_P(WriteJournalContract, EveryEntryHasItsOwnNonce) {
    std::set<std::string> nonces;
    for (int i = 0; i < 5; ++i) nonces.insert(open(document_write({0})).nonce());
    EXPECT_EQ(nonces.size(), 5U);
}

TEST_P(WriteJournalContract, TellsTheOpenEntriesThatConflict) {
    open(document_write({0, 1}));
    open(document_write({2}));
    EXPECT_THAT(open(document_write({1, 2})).open_before(), ElementsAre(0U, 1U));
    EXPECT_THAT(open(document_write({3})).open_before(), IsEmpty());
    EXPECT_THAT(open(control_operation("settingsUpdate")).open_before(), ElementsAre(0U, 1U, 2U, 3U));
    EXPECT_THAT(open(document_write({3})).open_before(), ElementsAre(3U, 4U));
}

TEST_P(WriteJournalContract, OtherIndexesDoNotConflict) {
    const auto films = run(store().catalog().create(an_index("films", "p2"))).value();
    open(control_operation("settingsUpdate"));
    auto other = document_write({0});
    other.plan.index = films.logical;
    other.plan.physical = films.physical;
    other.plan.generation = films.generation;
    EXPECT_THAT(open(other).open_before(), IsEmpty());
}

TEST_P(WriteJournalContract, ClosedEntriesDoNotConflict) {
    open(document_write({0}));
    run(journal().close(0, by_, {}));
    EXPECT_THAT(open(document_write({0})).open_before(), IsEmpty());
    EXPECT_THAT(run(journal().still_open({0, 1, 2})), ElementsAre(1U));
}

TEST_P(WriteJournalContract, TimesNeverGoBackAlongTheUids) {
    const auto first = open(document_write({0}));
    let_time_pass(-1h);
    const auto second = open(document_write({0}));
    EXPECT_GE(second.enqueued_at(), first.enqueued_at());
    let_time_pass(2h);
    EXPECT_GT(open(document_write({0})).enqueued_at(), second.enqueued_at());
}

TEST_P(WriteJournalContract, ClosingRecordsOutcomesAndDirtyMarksAtOnce) {
    open(document_write({0, 3}));
    EXPECT_TRUE(run(journal().close(0, by_, a_mixed_outcome())));

    EXPECT_THAT(run(journal().still_open({0})), IsEmpty());
    EXPECT_THAT(run(journal().unfinished()), IsEmpty());
    const auto parts = run(store().tasks().parts(0));
    ASSERT_EQ(parts.size(), 2U);
    EXPECT_EQ(parts[0].result, "acked");
    EXPECT_THAT(parts[0].node_tasks, ElementsAre(17U, 18U));
    EXPECT_EQ(parts[0].shards, (std::vector<ShardId>{0, 3}));
    EXPECT_EQ(parts[1].result, "refused");
    EXPECT_EQ(parts[1].error_json, R"({"code":"internal"})");
    const auto dirty = run(store().ledger().find(copy_of("p1", 3, "b"))).value();
    EXPECT_THAT(dirty.ids, ElementsAre("k1"));
    EXPECT_EQ(dirty.reference, NodeId("a"));
    EXPECT_EQ(run(store().tasks().find(0))->status, TaskStatus::enqueued);
}

TEST_P(WriteJournalContract, ASecondCloseChangesNothing) {
    open(document_write({0, 3}));
    EXPECT_TRUE(run(journal().close(0, by_, {})));
    EXPECT_FALSE(run(journal().close(0, by_, a_mixed_outcome())));
    EXPECT_EQ(run(store().tasks().parts(0))[0].result, "planned");
    EXPECT_TRUE(run(store().ledger().copies()).empty());
    EXPECT_FALSE(run(journal().close(99, by_, a_mixed_outcome())));
    EXPECT_TRUE(run(store().ledger().copies()).empty());
}

TEST_P(WriteJournalContract, EveryResultHasItsName) {
    auto draft = document_write({0});
    draft.plan.targets = {{NodeId("a"), {0}}, {NodeId("b"), {0}}};
    open(draft);
    EntryOutcome outcome;
    outcome.targets = {{NodeId("a"), TargetResult::unsent, {}, ""},
                       {NodeId("b"), TargetResult::unknown, {}, ""}};
    run(journal().close(0, by_, outcome));
    const auto parts = run(store().tasks().parts(0));
    EXPECT_EQ(parts[0].result, "unsent");
    EXPECT_EQ(parts[1].result, "unknown");
}

TEST_P(WriteJournalContract, AReplanReplacesThePlanUnderTheSameChecks) {
    auto draft = document_write({0});
    open(draft);
    run(store().catalog().set_primary_key(books_.logical, books_.generation, "id"));
    EXPECT_EQ(run(journal().replan(0, by_, draft.plan)), OpenRefusal::stale_generation);
    EXPECT_EQ(run(store().tasks().parts(0)).size(), 2U);

    auto plan = draft.plan;
    plan.generation = run(store().catalog().find(books_.logical))->generation;
    plan.conflicts.shards = {2};
    plan.targets = {{NodeId("c"), {2}}};
    EXPECT_EQ(run(journal().replan(0, by_, plan)), std::nullopt);
    const auto parts = run(store().tasks().parts(0));
    ASSERT_EQ(parts.size(), 1U);
    EXPECT_EQ(parts[0].node, NodeId("c"));
    EXPECT_EQ(run(journal().unfinished())[0].plan.generation, plan.generation);

    plan.epoch = 9;
    EXPECT_EQ(run(journal().replan(0, by_, plan)), OpenRefusal::stale_epoch);
}

TEST_P(WriteJournalContract, AReplanMovesTheConflicts) {
    auto draft = document_write({0});
    open(draft);
    draft.plan.conflicts.shards = {2};
    EXPECT_EQ(run(journal().replan(0, by_, draft.plan)), std::nullopt);
    EXPECT_THAT(open(document_write({0})).open_before(), IsEmpty());
    EXPECT_THAT(open(document_write({2})).open_before(), ElementsAre(0U));
}

TEST_P(WriteJournalContract, AClosedEntryCannotBeReplanned) {
    const auto draft = document_write({0});
    open(draft);
    run(journal().close(0, by_, {}));
    EXPECT_EQ(run(journal().replan(0, by_, draft.plan)), OpenRefusal::taken_over);
    EXPECT_THAT(run(journal().unfinished()), IsEmpty());
}

TEST_P(WriteJournalContract, AControlOperationIsKeptUntilItIsComplete) {
    open(control_operation("settingsUpdate"));
    run(journal().save_operation(0, by_, R"({"phase":"verify"})"));
    run(journal().close(0, by_, {}));
    restart();
    auto unfinished = run(journal().unfinished());
    ASSERT_EQ(unfinished.size(), 1U);
    EXPECT_FALSE(unfinished[0].open);
    EXPECT_TRUE(unfinished[0].plan.conflicts.whole_index);
    EXPECT_EQ(unfinished[0].operation, "settingsUpdate");
    EXPECT_EQ(unfinished[0].operation_body, R"({"stopWords":["le"]})");
    EXPECT_EQ(unfinished[0].operation_state, R"({"phase":"verify"})");

    run(journal().complete_operation(0, by_));
    EXPECT_THAT(run(journal().unfinished()), IsEmpty());
}

TEST_P(WriteJournalContract, AnOperationMayBeCompleteBeforeItsEntryIsClosed) {
    open(control_operation("settingsUpdate"));
    run(journal().complete_operation(0, by_));
    const auto unfinished = run(journal().unfinished());
    ASSERT_EQ(unfinished.size(), 1U);
    EXPECT_TRUE(unfinished[0].open);
    EXPECT_EQ(unfinished[0].operation_body, "");
    EXPECT_TRUE(run(journal().close(0, by_, {})));
    EXPECT_THAT(run(journal().unfinished()), IsEmpty());
}

TEST_P(WriteJournalContract, EverythingSurvivesARestart) {
    const auto first = open(document_write({0}));
    open(document_write({1}));
    run(journal().close(1, by_, a_mixed_outcome()));
    restart();
    EXPECT_THAT(run(journal().still_open({0, 1})), ElementsAre(0U));
    EXPECT_EQ(run(journal().unfinished())[0].nonce, first.nonce());
    EXPECT_EQ(run(store().tasks().parts(1))[0].result, "acked");
    EXPECT_EQ(run(store().ledger().copies()).size(), 1U);
    EXPECT_THAT(open(document_write({0, 1})).open_before(), ElementsAre(0U));
}

TEST_P(WriteJournalContract, AFrozenIndexIsKnownToEveryReplica) {
    open(control_operation("settings_update"));
    const auto raises = [&](const std::function<void()>& change) {
        const auto before = run(store().view_version());
        change();
        return run(store().view_version()) > before;
    };
    EXPECT_FALSE(raises([&] { run(journal().save_operation(0, by_, "proposed")); }));
    EXPECT_TRUE(run(journal().frozen()).empty());
    EXPECT_TRUE(raises([&] { run(journal().save_operation(0, by_, coordination::frozen_state)); }));
    EXPECT_THAT(run(replica(1).journal().frozen()), ElementsAre(books_.logical));
    run(journal().close(0, by_, {}));
    EXPECT_TRUE(raises([&] { run(journal().complete_operation(0, by_)); }));
    EXPECT_TRUE(run(journal().frozen()).empty());
}

TEST_P(WriteJournalContract, AHoldKeepsWhatConflictsWaitingAndIsNoTask) {
    open(document_write({0, 1}));
    open(document_write({2}));
    coordination::ConflictSet shard;
    shard.shards = {1};
    const auto hold = run(journal().hold(books_.logical, shard, by_, "nonce"));
    ASSERT_TRUE(hold);
    EXPECT_THAT(hold->open_before, ElementsAre(0U));
    EXPECT_GE(hold->uid, TaskUid{1} << 31U);
    EXPECT_THAT(open(document_write({1})).open_before(), ElementsAre(0U, hold->uid));
    EXPECT_THAT(open(document_write({3})).open_before(), IsEmpty());
    EXPECT_EQ(run(store().tasks().page({})).total, 4U);
    EXPECT_THAT(run(journal().still_open({0, hold->uid})), ElementsAre(0U, hold->uid));

    const auto second = run(journal().hold(books_.logical, shard, by_, "nonce"));
    EXPECT_NE(second->uid, hold->uid);
    EXPECT_THAT(second->open_before, ElementsAre(0U, 2U, hold->uid));
    EXPECT_TRUE(run(journal().close(hold->uid, by_, {})));
    EXPECT_THAT(run(journal().still_open({0, hold->uid})), ElementsAre(0U));
    EXPECT_EQ(run(journal().hold(books_.logical, shard, ReplicaId("nobody"), "nonce")), std::nullopt);
}

TEST_P(WriteJournalContract, TellsTheOperationsBeforeOne) {
    const auto films = run(store().catalog().create(an_index("films", "p2"))).value();
    open(control_operation("settings_update"));
    open(document_write({0}));
    auto other = control_operation("settings_update");
    other.plan.index = films.logical;
    other.plan.generation = films.generation;
    open(other);
    other.operation = "index_swap";
    other.plan.conflicts.others = {books_.logical};
    open(other);
    open(control_operation("settings_update"));
    EXPECT_THAT(run(journal().operations_before(4, books_.logical)), ElementsAre(0U, 3U));
    EXPECT_THAT(run(journal().operations_before(2, books_.logical)), ElementsAre(0U));
    run(journal().close(0, by_, {}));
    EXPECT_THAT(run(journal().operations_before(4, books_.logical)), ElementsAre(0U, 3U))
        << "not complete yet";
    run(journal().complete_operation(0, by_));
    EXPECT_THAT(run(journal().operations_before(4, books_.logical)), ElementsAre(3U));
}

TEST_P(WriteJournalContract, WhatWasOpenBeforeAnEntryCanBeAskedForLater) {
    open(document_write({0}));
    open(document_write({2}));
    coordination::ConflictSet shard;
    shard.shards = {0};
    const auto before = run(journal().hold(books_.logical, shard, by_, "nonce")).value();
    let_time_pass(1ms);
    open(control_operation("settings_update"));
    let_time_pass(1ms);
    open(document_write({0}));
    run(journal().hold(books_.logical, shard, by_, "nonce"));
    EXPECT_THAT(run(journal().open_before(3)), ElementsAre(0U, 2U, before.uid));
    EXPECT_THAT(run(journal().open_before(2)), ElementsAre(0U, 1U, before.uid));
    run(journal().close(0, by_, {}));
    EXPECT_THAT(run(journal().open_before(2)), ElementsAre(1U, before.uid));
    run(journal().close(before.uid, by_, {}));
    run(journal().close(1, by_, {}));
    EXPECT_THAT(run(journal().open_before(2)), IsEmpty());
    EXPECT_THAT(run(journal().open_before(99)), IsEmpty());
}

TEST_P(WriteJournalContract, AnEntryThatMovesNamesConflictsWithAllOfThem) {
    const auto films = run(store().catalog().create(an_index("films", "p2"))).value();
    auto other = document_write({0});
    other.plan.index = films.logical;
    other.plan.generation = films.generation;
    open(document_write({0}));
    open(other);
    auto swap = control_operation("index_swap");
    swap.plan.conflicts.others = {films.logical, LogicalIndexUid("not-yet")};
    EXPECT_THAT(open(swap).open_before(), ElementsAre(0U, 1U));
    EXPECT_THAT(open(other).open_before(), ElementsAre(1U, 2U));
    EXPECT_THAT(open(document_write({1})).open_before(), ElementsAre(2U));
    other.plan.index = LogicalIndexUid("not-yet");
    other.plan.generation = 0;
    EXPECT_THAT(open(other).open_before(), ElementsAre(2U));
    other.plan.index = LogicalIndexUid("another");
    EXPECT_THAT(open(other).open_before(), IsEmpty());
}

class FullJournalContract : public JournalContract {
protected:
    FullJournalContract() : JournalContract({.open_entries_max = 2}) {}
};
MIROIR_CONTRACT(FullJournalContract);

TEST_P(FullJournalContract, OpenEntriesAreBounded) {
    open(document_write({0}));
    open(document_write({1}));
    EXPECT_EQ(refusal(document_write({2})), OpenRefusal::journal_full);
    EXPECT_EQ(run(store().tasks().find(2)), std::nullopt);
    EXPECT_EQ(run(journal().count_open()), 2U);
    run(journal().close(0, by_, {}));
    EXPECT_EQ(run(journal().count_open()), 1U);
    EXPECT_EQ(open(document_write({2})).uid(), 2U);
}

TEST_P(FullJournalContract, AClosedOperationThatIsNotCompleteTakesNoRoom) {
    open(control_operation("settingsUpdate"));
    run(journal().close(0, by_, {}));
    open(document_write({1}));
    EXPECT_EQ(open(document_write({2})).uid(), 2U);
}

}  // namespace
}  // namespace miroir::contract
