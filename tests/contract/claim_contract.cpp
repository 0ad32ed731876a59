#include <atomic>
#include <mutex>
#include <set>

#include "journal_contract.hpp"

namespace miroir::contract {
namespace {

using coordination::ClaimEnd;
using coordination::RepeatedTask;

class ClaimContract : public JournalContract {
protected:
    explicit ClaimContract(StoreLimits limits = {}) : JournalContract(limits) {}

    EntryDraft claimed(EntryDraft draft, const std::string& scope, const std::string& body = "body") const {
        draft.task.claim = coordination::TaskClaim{scope, body};
        return draft;
    }
    EntryDraft write(const std::string& scope, const std::string& body = "body") const {
        return claimed(document_write({0}), scope, body);
    }
    std::optional<RepeatedTask> repeated(EntryDraft draft) {
        const auto opening = run(journal().open(std::move(draft)));
        const auto* task = std::get_if<RepeatedTask>(&opening);
        return task == nullptr ? std::nullopt : std::optional(*task);
    }
    void close(TaskUid uid, ClaimEnd claim) {
        EntryOutcome outcome;
        outcome.claim = claim;
        EXPECT_TRUE(run(journal().close(uid, by_, outcome)));
    }
};
MIROIR_CONTRACT(ClaimContract);

TEST_P(ClaimContract, ARequestThatWasAcceptedIsKnownAgain) {
    auto draft = write("s");
    draft.task.custom_metadata = "mine";
    const auto entry = open(draft);
    close(entry.uid(), ClaimEnd::accepted);
    restart();
    const auto task = repeated(draft);
    ASSERT_TRUE(task);
    EXPECT_EQ(task->uid, entry.uid());
    EXPECT_EQ(task->type, "documentAdditionOrUpdate");
    EXPECT_EQ(task->index_uid, "books");
    EXPECT_EQ(task->custom_metadata, "mine");
    EXPECT_EQ(task->enqueued_at, entry.enqueued_at());
    EXPECT_TRUE(task->same_body);
    EXPECT_TRUE(task->accepted);
    EXPECT_FALSE(repeated(write("s", "other"))->same_body);
    EXPECT_EQ(open(write("another")).uid(), 1U) << "nothing was recorded for the repetitions";
}

TEST_P(ClaimContract, WhatWasDoneWithItsTaskDoesNotMatter) {
    const auto entry = open(write("s"));
    close(entry.uid(), ClaimEnd::accepted);
    coordination::TaskFinish finish;
    finish.uid = entry.uid();
    run(store().tasks().finish(finish));
    run(store().tasks().remove_finished({entry.uid()}));
    run(store().catalog().set_settings(books_.logical, books_.generation, "{}"));
    EXPECT_TRUE(repeated(write("s"))) << "though the plan is stale";
}

TEST_P(ClaimContract, ARequestThatIsWorkedOnIsNotAcceptedYet) {
    const auto entry = open(write("s"));
    const auto task = repeated(write("s"));
    ASSERT_TRUE(task);
    EXPECT_EQ(task->uid, entry.uid());
    EXPECT_FALSE(task->accepted);
}

TEST_P(ClaimContract, ARequestThatWasNotAcceptedMayBeMadeAgain) {
    close(open(write("withdrawn")).uid(), ClaimEnd::withdrawn);
    close(open(write("given up")).uid(), ClaimEnd::as_it_is);
    EXPECT_EQ(open(write("withdrawn", "other")).uid(), 2U);
    EXPECT_EQ(open(write("given up")).uid(), 3U);
    close(2, ClaimEnd::accepted);
    EXPECT_EQ(repeated(write("withdrawn", "other"))->uid, 2U);
}

TEST_P(ClaimContract, AControlOperationIsAcceptedAsItIsOpened) {
    const auto draft = claimed(control_operation("settings_update"), "s");
    const auto entry = open(draft);
    EXPECT_TRUE(repeated(draft)->accepted);
    close(entry.uid(), ClaimEnd::as_it_is);
    run(journal().complete_operation(entry.uid(), by_));
    EXPECT_TRUE(repeated(draft)->accepted);
    const auto lost = claimed(control_operation("settings_update"), "lost");
    close(open(lost).uid(), ClaimEnd::withdrawn);
    EXPECT_FALSE(repeated(lost));
}

TEST_P(ClaimContract, OfManyRequestsWithOneClaimOneGetsAnEntry) {
    std::atomic<int> entries = 0;
    std::mutex mutex;
    std::set<TaskUid> uids;
    at_once(6, [&](std::size_t i) {
        const auto opening = run(replica(i % 2).journal().open(write("s")));
        const std::lock_guard lock(mutex);
        if (const auto* entry = std::get_if<OpenEntry>(&opening)) {
            ++entries;
            uids.insert(entry->uid());
        } else {
            uids.insert(std::get<RepeatedTask>(opening).uid);
        }
    });
    EXPECT_EQ(entries, 1);
    EXPECT_EQ(uids.size(), 1U);
}

TEST_P(ClaimContract, ARefusalClaimsNothing) {
    auto draft = write("s");
    draft.plan.epoch = 77;
    EXPECT_EQ(refusal(draft), OpenRefusal::stale_epoch);
    EXPECT_EQ(open(write("s")).uid(), 0U);
}

class BoundedClaimContract : public ClaimContract {
protected:
    BoundedClaimContract() : ClaimContract({.claims_max = 30, .claim_ttl = 60s}) {}
};
MIROIR_CONTRACT(BoundedClaimContract);

TEST_P(BoundedClaimContract, AClaimIsKeptForItsTime) {
    close(open(write("s")).uid(), ClaimEnd::accepted);
    let_time_pass(59'999ms);
    EXPECT_TRUE(repeated(write("s")));
    let_time_pass(1ms);
    EXPECT_FALSE(repeated(write("s")));
    close(1, ClaimEnd::accepted);
    EXPECT_EQ(repeated(write("s"))->uid, 1U);
}

TEST_P(BoundedClaimContract, TheOldestGoFirst) {
    for (int i = 0; i < 40; ++i) {
        close(open(write(std::to_string(i))).uid(), ClaimEnd::accepted);
        let_time_pass(1ms);
    }
    int kept = 0;
    for (int i = 0; i < 40; ++i) {
        auto draft = write(std::to_string(i));
        draft.plan.epoch = 77;  // asks without opening
        kept += repeated(draft) ? 1 : 0;
    }
    EXPECT_LE(kept, 30);
    EXPECT_GE(kept, 10);
    EXPECT_TRUE(repeated(write("39")));
}

}  // namespace
}  // namespace miroir::contract
