#include <algorithm>
#include <atomic>
#include <mutex>
#include <numeric>

#include "journal_contract.hpp"

namespace miroir::contract {
namespace {

class ConcurrentJournalContract : public JournalContract {};
MIROIR_CONTRACT(ConcurrentJournalContract);

TEST_P(ConcurrentJournalContract, EachEntrySeesAllConflictingOnesBeforeIt) {
    constexpr std::size_t threads = 4, each = 8;
    std::mutex mutex;
    std::vector<OpenEntry> entries;
    at_once(threads, [&](std::size_t i) {
        for (std::size_t n = 0; n < each; ++n) {
            auto opened = run(replica(i).journal().open(document_write({1})));
            const std::lock_guard lock(mutex);
            entries.push_back(std::get<OpenEntry>(opened));
        }
    });

    std::sort(entries.begin(), entries.end(),
              [](const OpenEntry& left, const OpenEntry& right) { return left.uid() < right.uid(); });
    ASSERT_EQ(entries.size(), threads * each);
    for (TaskUid uid = 0; uid < entries.size(); ++uid) {
        EXPECT_EQ(entries[uid].uid(), uid);
        std::vector<TaskUid> before(uid);
        std::iota(before.begin(), before.end(), TaskUid{0});
        EXPECT_EQ(entries[uid].open_before(), before);
        if (uid > 0) EXPECT_GE(entries[uid].enqueued_at(), entries[uid - 1].enqueued_at());
    }
}

TEST_P(ConcurrentJournalContract, NoEntryOfAnOldGenerationIsOpenedAfterTheChange) {
    const auto old_plan = document_write({1});
    std::mutex mutex;
    std::vector<TaskUid> opened_with_the_old;
    TaskUid opened_with_the_new = 0;
    at_once(4, [&](std::size_t i) {
        if (i == 0) {
            run(replica(i).catalog().set_settings(books_.logical, books_.generation, "{}"));
            auto plan = old_plan;
            plan.plan.generation = run(replica(i).catalog().find(books_.logical))->generation;
            opened_with_the_new = std::get<OpenEntry>(run(replica(i).journal().open(plan))).uid();
            return;
        }
        for (int n = 0; n < 20; ++n) {
            const auto opened = run(replica(i).journal().open(old_plan));
            const auto* entry = std::get_if<OpenEntry>(&opened);
            if (!entry) break;
            const std::lock_guard lock(mutex);
            opened_with_the_old.push_back(entry->uid());
        }
    });
    for (const TaskUid uid : opened_with_the_old) EXPECT_LT(uid, opened_with_the_new);
    EXPECT_EQ(opened_with_the_new, opened_with_the_old.size()) << "a refusal takes no uid";
}

TEST_P(ConcurrentJournalContract, OneOfManyClosersWins) {
    open(document_write({0}));
    std::atomic<int> winners = 0;
    at_once(6, [&](std::size_t i) {
        EntryOutcome outcome;
        const auto node_task = static_cast<NodeTaskUid>(i);
        outcome.targets = {{NodeId("a"), TargetResult::acked, {node_task}, ""}};
        outcome.dirty = {a_mark(copy_of("p1", static_cast<ShardId>(i), "b"), std::nullopt)};
        if (run(replica(i).journal().close(0, by_, outcome))) ++winners;
    });
    EXPECT_EQ(winners, 1);
    const auto dirty = run(store().ledger().copies());
    ASSERT_EQ(dirty.size(), 1U);
    EXPECT_EQ(run(store().tasks().parts(0))[0].node_tasks[0], dirty.begin()->shard);
}

}  // namespace
}  // namespace miroir::contract
