#pragma once

#include <gtest/gtest.h>

#include "commit_cutter.hpp"
#include "miroir/coordination/store.hpp"
#include "miroir/coordination/store_error.hpp"
#include "run_async.hpp"

namespace miroir::contract {

// The store is new and reached through the cutter.
inline void expect_whole_steps_after_lost_replies(coordination::Store& store, CommitCutter& cutter) {
    run(store.topology().replace(0, {}));
    coordination::EntryDraft draft;
    draft.replica = ReplicaId("r");
    run(store.peers().beat({draft.replica, "1"}, std::chrono::hours(1)));
    draft.plan.epoch = 1;
    draft.plan.index = LogicalIndexUid("books");
    draft.plan.targets = {{NodeId("a"), {0}}};
    cutter.arm();
    EXPECT_THROW(run(store.journal().open(draft)), coordination::StoreUnavailable);
    ASSERT_TRUE(cutter.has_cut());
    const auto unfinished = run(store.journal().unfinished());
    ASSERT_EQ(unfinished.size(), 1U) << "it was done, and the next steps have a connection";
    EXPECT_EQ(run(store.tasks().parts(unfinished[0].uid))[0].result, "planned");

    coordination::EntryOutcome outcome;
    outcome.targets = {{NodeId("a"), coordination::TargetResult::acked, {7}, ""}};
    cutter.arm();
    EXPECT_THROW(run(store.journal().close(unfinished[0].uid, draft.replica, outcome)),
                 coordination::StoreUnavailable);
    EXPECT_EQ(run(store.tasks().parts(unfinished[0].uid))[0].result, "acked");
    EXPECT_FALSE(run(store.journal().close(unfinished[0].uid, draft.replica, outcome)))
        << "a second close changes nothing";
}

}  // namespace miroir::contract
