#include "miroir/operations/take_over.hpp"

#include "control_process.hpp"

namespace miroir::operations {
namespace {

using testing::IsEmpty;

// This replica is `r`; what `dead` began is left.
struct TakeOverTest : ControlOperationsTest {
    std::shared_ptr<const cluster::IndexEntry> index = cluster.make_index("books", "physical-1", 1);
    Process process{cluster};
    writes::DocumentWriter writer{
        cluster.store, cluster.snapshots, cluster.peers,  cluster.fleet, cluster.nodes,
        process.lanes, process.journal,   process.poller, nullptr,       {},
        null_log(),    null_metrics()};
    TakeOver take_over{cluster.store,
                       cluster.snapshots,
                       cluster.peers,
                       writer,
                       process.operations,
                       process.task_operations,
                       {},
                       cluster.loop.executor(),
                       null_log(),
                       null_metrics()};
    const ReplicaId dead{"dead"};

    TakeOverTest() { cluster.loop.run(cluster.sqlite->peers().beat({dead, "1"}, std::chrono::hours(1))); }
    ~TakeOverTest() override { cluster.loop.run(take_over.stop()); }

    coordination::EntryDraft a_draft(const std::string& type) const {
        coordination::EntryDraft draft;
        draft.plan.index = index->logical;
        draft.plan.physical = index->physical;
        draft.plan.epoch = 1;
        draft.plan.generation = index->generation;
        draft.replica = dead;
        draft.task.type = type;
        draft.task.index_uid = "books";
        return draft;
    }
    TaskUid open(coordination::EntryDraft draft) {
        auto opened = cluster.loop.run(cluster.sqlite->journal().open(std::move(draft)));
        return std::get<coordination::OpenEntry>(opened).uid();
    }
    TaskUid open_write() {
        auto draft = a_draft("documentAdditionOrUpdate");
        draft.plan.conflicts.shards = {0};
        draft.plan.targets = {{NodeId("a"), {0}}, {NodeId("b"), {0}}};
        return open(std::move(draft));
    }
    TaskUid open_change() {
        auto draft = a_draft("settingsUpdate");
        draft.plan.conflicts.whole_index = true;
        draft.operation = "settings_update";
        draft.operation_body = stop_words;
        return open(std::move(draft));
    }
    void die() { cluster.loop.run(cluster.sqlite->peers().leave(dead)); }
    void look() { cluster.loop.run(take_over.look()); }
    std::vector<coordination::UnfinishedEntry> unfinished() {
        return cluster.loop.run(cluster.sqlite->journal().unfinished());
    }
};

TEST_F(TakeOverTest, WhatALiveReplicaDoesIsLeftToIt) {
    open_write();
    look();
    ASSERT_EQ(unfinished().size(), 1U);
    EXPECT_EQ(unfinished()[0].replica, dead);
}

TEST_F(TakeOverTest, TheWriteOfADeadReplicaIsClosedAndItsCopiesAreCompared) {
    open_write();
    die();
    look();
    EXPECT_THAT(unfinished(), IsEmpty());
    EXPECT_EQ(cluster.loop.run(cluster.sqlite->ledger().copies()).size(), 1U);
}

TEST_F(TakeOverTest, TheChangeOfADeadReplicaIsContinued) {
    const auto uid = open_change();
    die();
    look();
    EXPECT_EQ(ended(uid).status, TaskStatus::succeeded);
    EXPECT_THAT(node_settings("a", "physical-1"), testing::HasSubstr("\"le\""));
    EXPECT_THAT(node_settings("b", "physical-1"), testing::HasSubstr("\"le\""));
}

TEST_F(TakeOverTest, TheCancelationOfADeadReplicaFails) {
    coordination::TaskDraft draft;
    draft.type = "taskCancelation";
    const auto task = cluster.loop.run(cluster.sqlite->tasks().add(draft, dead, std::nullopt));
    look();
    EXPECT_FALSE(cluster.loop.run(cluster.sqlite->tasks().find(task.uid))->finished_at);
    die();
    look();
    EXPECT_EQ(cluster.loop.run(cluster.sqlite->tasks().find(task.uid))->status, TaskStatus::failed);
}

TEST_F(TakeOverTest, AReplyThatWasLostLosesNothing) {
    open_write();
    open_change();
    die();
    for (const auto* step : {"journal.take_over done", "journal.close"}) {
        cluster.store.spy = [step, once = std::make_shared<bool>()](std::string now) -> Async<void> {
            if (now == step && !std::exchange(*once, true)) throw coordination::StoreUnavailable("away");
            co_return;
        };
        EXPECT_THROW(look(), coordination::StoreUnavailable) << step;
    }
    look();
    ended(1);
    EXPECT_THAT(unfinished(), IsEmpty());
}

TEST_F(TakeOverTest, AReplicaLeavesWhatAnotherOneHasTaken) {
    const auto uid = process.submit("settings_update", "books", stop_words);
    cluster.loop.run(cluster.sqlite->peers().leave(ReplicaId("r")));
    ASSERT_TRUE(cluster.loop.run(cluster.sqlite->journal().take_over(uid, ReplicaId("r"), dead)));
    const auto second = [&]() -> Async<void> {
        for (int turn = 0; turn < 300; ++turn) co_await boost::asio::post(boost::asio::use_awaitable);
    };
    cluster.loop.run(second());
    const auto task = cluster.loop.run(cluster.sqlite->tasks().find(uid));
    EXPECT_FALSE(task->finished_at) << "it is the other one's to end";
    EXPECT_EQ(unfinished().size(), 1U);
}

}  // namespace
}  // namespace miroir::operations
