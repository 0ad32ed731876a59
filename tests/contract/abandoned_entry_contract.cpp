#include <atomic>

#include "journal_contract.hpp"

namespace miroir::contract {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const ReplicaId mine("replica-1");
const ReplicaId other("replica-2");
const ReplicaId third("replica-3");

class AbandonedEntryContract : public JournalContract {
protected:
    std::vector<TaskUid> abandoned() {
        std::vector<TaskUid> uids;
        for (const auto& entry : run(journal().abandoned())) uids.push_back(entry.uid);
        return uids;
    }
    // The peer `replica-1` dies.
    void die() { run(store().peers().leave(mine)); }
};
MIROIR_CONTRACT(AbandonedEntryContract);

TEST_P(AbandonedEntryContract, AReplicaThatIsNotAliveOpensNothing) {
    auto draft = document_write({0});
    draft.replica = other;
    expect_refused(draft, OpenRefusal::not_live);
    run(store().peers().beat({other, "1"}, 1s));
    open(draft);
    let_time_pass(1s);
    EXPECT_EQ(refusal(draft), OpenRefusal::not_live);
}

TEST_P(AbandonedEntryContract, WhatADeadReplicaLeavesIsAbandoned) {
    open(document_write({0}));
    open(control_operation("settingsUpdate"));
    run(journal().close(1, mine, {}));
    open(document_write({2}));
    run(journal().close(2, mine, {}));
    EXPECT_THAT(abandoned(), IsEmpty());
    die();
    EXPECT_THAT(abandoned(), ElementsAre(0U, 1U));
    run(store().peers().beat({mine, "1"}, 1h));
    EXPECT_THAT(abandoned(), IsEmpty());
}

TEST_P(AbandonedEntryContract, ATakenEntryIsTheTakers) {
    const auto entry = open(document_write({0}));
    EXPECT_EQ(run(journal().take_over(0, mine, other)), std::nullopt) << "its replica lives";
    die();
    run(store().peers().beat({other, "1"}, 1h));
    const auto taken = run(journal().take_over(0, mine, other));
    ASSERT_TRUE(taken);
    EXPECT_EQ(taken->uid, 0U);
    EXPECT_EQ(taken->nonce, entry.nonce());
    EXPECT_EQ(taken->replica, other);
    EXPECT_THAT(abandoned(), IsEmpty());
    EXPECT_FALSE(run(journal().belongs_to(0, mine)));
    EXPECT_TRUE(run(journal().belongs_to(0, other)));
    EXPECT_TRUE(run(journal().take_over(0, mine, other))) << "the reply may have been lost";
    EXPECT_EQ(run(journal().take_over(0, mine, third)), std::nullopt) << "is no longer the dead one's";
    EXPECT_EQ(run(journal().take_over(99, mine, other)), std::nullopt);
}

TEST_P(AbandonedEntryContract, TheOldReplicaCanChangeNothingAnyMore) {
    const auto draft = document_write({0, 3});
    open(draft);
    die();
    run(journal().take_over(0, mine, other));
    run(store().peers().beat({mine, "1"}, 1h));

    EXPECT_FALSE(run(journal().close(0, mine, a_mixed_outcome())));
    EXPECT_EQ(run(journal().replan(0, mine, draft.plan)), OpenRefusal::taken_over);
    EXPECT_THAT(run(journal().still_open({0})), ElementsAre(0U));
    EXPECT_TRUE(run(store().ledger().copies()).empty());
    EXPECT_TRUE(run(journal().close(0, other, a_mixed_outcome())));
    EXPECT_EQ(run(store().ledger().copies()).size(), 1U);
}

TEST_P(AbandonedEntryContract, AnOperationIsContinuedWithItsState) {
    open(control_operation("settingsUpdate"));
    EXPECT_TRUE(run(journal().save_operation(0, mine, "half way")));
    run(journal().close(0, mine, {}));
    die();
    const auto taken = run(journal().take_over(0, mine, other));
    ASSERT_TRUE(taken);
    EXPECT_EQ(taken->operation_body, R"({"stopWords":["le"]})");
    EXPECT_EQ(taken->operation_state, "half way");
    EXPECT_FALSE(taken->open);

    EXPECT_FALSE(run(journal().save_operation(0, mine, "further")));
    EXPECT_FALSE(run(journal().complete_operation(0, mine)));
    EXPECT_EQ(run(journal().unfinished())[0].operation_state, "half way");
    EXPECT_TRUE(run(journal().save_operation(0, other, "further")));
    EXPECT_TRUE(run(journal().complete_operation(0, other)));
    EXPECT_THAT(run(journal().unfinished()), IsEmpty());
    EXPECT_FALSE(run(journal().belongs_to(0, other)));
}

TEST_P(AbandonedEntryContract, OneOfManyTakersGetsIt) {
    open(document_write({0}));
    die();
    std::atomic<int> winners = 0;
    at_once(6, [&](std::size_t i) {
        if (run(replica(i).journal().take_over(0, mine, ReplicaId("taker-" + std::to_string(i))))) ++winners;
    });
    EXPECT_EQ(winners, 1);
}

}  // namespace
}  // namespace miroir::contract
