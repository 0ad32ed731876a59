#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake_cluster.hpp"
#include "miroir/runtime/gather.hpp"
#include "miroir/writes/document_writer.hpp"
#include "tasks/part_lookups.hpp"

namespace miroir::writes {
namespace {

using coordination::TaskStatus;
using test::FakeCall;
using test::FakeReaction;
using testing::ElementsAre;
using testing::IsEmpty;

// Writes whose answers are lost, and the poller that looks for them.
struct LookupTest : testing::Test {
    test::FakeCluster cluster{{"a", "b"}};
    Lanes lanes{cluster.loop.executor()};
    JournalWatch journal{cluster.store.journal(), cluster.loop.executor()};
    tasks::DivergenceRecorder divergence = [this](auto task, auto copies) {
        return writer.record_divergence(std::move(task), std::move(copies));
    };
    tasks::TaskPoller poller{cluster.store, cluster.nodes,           {},         divergence,
                             nullptr,       cluster.loop.executor(), null_log(), null_metrics()};
    DocumentWriter writer{cluster.store, cluster.snapshots, cluster.peers, cluster.fleet, cluster.nodes,
                          lanes,         journal,           poller,        nullptr,       {},
                          null_log(),    null_metrics()};
    std::shared_ptr<const cluster::IndexEntry> index = cluster.make_index("books", "p", 1);
    const NodeId a{"a"};
    const NodeId b{"b"};
    // What nodes were asked to write and did not get (yet).
    std::vector<FakeCall> underway;

    void TearDown() override { cluster.loop.run(poller.stop()); }

    Result<WriteReceipt> write(std::string documents) {
        DocumentWrite write;
        write.index = LogicalIndexUid("books");
        documents.reserve(documents.size() + 64);
        write.body = std::make_shared<const std::string>(std::move(documents));
        write.batch = std::make_shared<const meili::DocumentBatch>(
            meili::scan_documents(*write.body, meili::PayloadFormat::json).value());
        return cluster.loop.run(writer.write(std::move(write)));
    }

    void lose(std::map<NodeId, bool> applied) {
        cluster.nodes.react = [this, applied](const FakeCall& call) {
            const auto found = applied.find(call.node);
            if (!call.writes_documents() || found == applied.end()) return FakeReaction{};
            if (!found->second) underway.push_back(call);
            return FakeReaction::lost(found->second);
        };
    }

    void arrive(FakeCall call) {
        nodes::NodeRequest request;
        request.method = call.method;
        request.target = call.target;
        request.body = {call.body};
        cluster.loop.run(cluster.nodes.send(call.node, std::move(request), Deadline::in({})));
    }

    coordination::NodePart part(TaskUid uid, const NodeId& node) {
        for (auto& one : cluster.loop.run(cluster.store.tasks().parts(uid))) {
            if (one.node == node) return one;
        }
        return {};
    }

    coordination::TaskRecord task(TaskUid uid) {
        return cluster.loop.run(cluster.store.tasks().find(uid)).value();
    }

    coordination::TaskRecord ended(TaskUid uid) {
        while (!task(uid).finished_at) wait();
        return task(uid);
    }

    void wait() { cluster.loop.run(runtime::sleep_for(std::chrono::milliseconds(2))); }

    tasks::PartLookups lookups(tasks::LookupOptions options = {}) {
        return {cluster.store, cluster.nodes, options, divergence, null_log(), null_metrics()};
    }

    std::optional<coordination::DirtyCopy> dirt(const NodeId& node) {
        return cluster.loop.run(cluster.store.ledger().find({index->physical, 0, node}));
    }

    void make_clean(const NodeId& node) {
        cluster.loop.run(cluster.store.ledger().clear({index->physical, 0, node}, dirt(node)->revision));
        cluster.refresh();
    }

    std::size_t task_lists(const NodeId& node) const {
        return static_cast<std::size_t>(
            std::count_if(cluster.nodes.calls.begin(), cluster.nodes.calls.end(), [&](const auto& call) {
                return call.node == node && call.path() == "/tasks" && call.parameter("uids").empty();
            }));
    }
};

TEST_F(LookupTest, ThePollerFindsAWriteWhoseAnswerWasLost) {
    lose({{a, true}});
    const auto receipt = write(R"([{"id":1}])");
    ASSERT_TRUE(receipt);
    EXPECT_THAT(receipt.value().degraded, ElementsAre(a));
    EXPECT_EQ(part(0, a).result, "unknown");
    poller.start();
    EXPECT_EQ(ended(0).status, TaskStatus::succeeded);
    const auto found = part(0, a);
    EXPECT_EQ(found.result, "acked");
    EXPECT_TRUE(found.found);
    EXPECT_THAT(found.node_tasks, ElementsAre(0U));
    EXPECT_EQ(found.status, TaskStatus::succeeded);
    ASSERT_TRUE(dirt(a)) << "stays dirty until it is repaired";
    EXPECT_THAT(dirt(a)->ids, ElementsAre("1"));
    EXPECT_THAT(cluster.loop.run(cluster.store.tasks().lookups()), IsEmpty());
}

TEST_F(LookupTest, AWriteThatOnlyLostAnswersTellOfSucceedsWhenItIsFound) {
    lose({{a, true}, {b, true}});
    EXPECT_EQ(write(R"([{"id":1}])").error().code, "miroir_no_quorum");
    poller.start();
    EXPECT_EQ(ended(0).status, TaskStatus::succeeded);
    const auto dirty = cluster.loop.run(cluster.store.ledger().copies());
    ASSERT_EQ(dirty.size(), 1U);
    const auto& clean = dirty.begin()->node == a ? b : a;
    EXPECT_EQ(part(0, clean).result, "acked");
    EXPECT_EQ(part(0, dirty.begin()->node).result, "unknown") << "it is compared, whatever it took";
}

TEST_F(LookupTest, AnUnknownPartHoldsNoTaskOpen) {
    lose({{a, false}});
    ASSERT_TRUE(write(R"([{"id":1}])"));
    poller.start();
    EXPECT_EQ(ended(0).status, TaskStatus::succeeded);
    EXPECT_EQ(part(0, a).result, "unknown");
    EXPECT_EQ(cluster.loop.run(cluster.store.tasks().lookups()).size(), 1U);
}

TEST_F(LookupTest, WhatIsAbsentIsOverOnceTheRequestCannotBeUnderWay) {
    lose({{a, false}});
    ASSERT_TRUE(write(R"([{"id":1}])"));
    tasks::LookupOptions options;
    options.settle = std::chrono::milliseconds(20);
    options.pause_min = std::chrono::milliseconds(5);
    auto lookups = this->lookups(options);
    EXPECT_FALSE(cluster.loop.run(lookups.look()));
    EXPECT_FALSE(cluster.loop.run(lookups.look()));
    EXPECT_EQ(task_lists(a), 1U) << "not asked again at once";
    while (!cluster.loop.run(lookups.look())) wait();
    EXPECT_LE(task_lists(a), 6U);
    const auto asked = task_lists(a);
    EXPECT_EQ(part(0, a).result, "unknown");
    EXPECT_TRUE(dirt(a));
    for (int i = 0; i < 10; ++i) {
        wait();
        EXPECT_FALSE(cluster.loop.run(lookups.look()));
    }
    EXPECT_EQ(task_lists(a), asked);
    EXPECT_EQ(task_lists(b), 0U);
}

TEST_F(LookupTest, ANodeThatIsAwayIsAskedWhenItIsBack) {
    lose({{a, true}});
    ASSERT_TRUE(write(R"([{"id":1}])"));
    auto lookups = this->lookups();
    cluster.nodes.by_id[a].away = true;
    EXPECT_FALSE(cluster.loop.run(lookups.look()));
    EXPECT_EQ(task_lists(a), 0U);
    cluster.nodes.by_id[a].away = false;
    EXPECT_TRUE(cluster.loop.run(lookups.look()));
    EXPECT_EQ(part(0, a).result, "acked");
}

TEST_F(LookupTest, ABadAnswerEndsNothing) {
    lose({{a, true}});
    ASSERT_TRUE(write(R"([{"id":1}])"));
    tasks::LookupOptions options;
    options.settle = {};
    options.pause_min = {};
    options.pause_max = {};
    auto lookups = this->lookups(options);
    for (const auto& reaction :
         {FakeReaction::garbage(false, "{}"), FakeReaction::refuse(500, "{}"), FakeReaction::lost(false)}) {
        cluster.nodes.react = [&](const FakeCall&) { return reaction; };
        EXPECT_FALSE(cluster.loop.run(lookups.look()));
    }
    cluster.nodes.react = nullptr;
    EXPECT_TRUE(cluster.loop.run(lookups.look()));
    EXPECT_EQ(part(0, a).result, "acked");
}

TEST_F(LookupTest, AWriteThatArrivesAfterALaterOneMakesItsCopyDirtyAgain) {
    lose({{a, false}});
    ASSERT_TRUE(write(R"([{"id":1,"v":1}])"));
    cluster.nodes.react = nullptr;
    ASSERT_TRUE(write(R"([{"id":1,"v":2}])"));
    make_clean(a);
    arrive(underway.front());
    auto lookups = this->lookups();
    EXPECT_TRUE(cluster.loop.run(lookups.look()));
    EXPECT_THAT(part(0, a).node_tasks, ElementsAre(1U));
    ASSERT_TRUE(dirt(a));
    EXPECT_THAT(dirt(a)->ids, ElementsAre("1"));
}

TEST_F(LookupTest, AWriteThatArrivesInOrderLeavesItsRepairedCopyClean) {
    lose({{a, true}});
    ASSERT_TRUE(write(R"([{"id":1,"v":1}])"));
    cluster.nodes.react = nullptr;
    ASSERT_TRUE(write(R"([{"id":1,"v":2}])"));
    make_clean(a);
    auto lookups = this->lookups();
    EXPECT_TRUE(cluster.loop.run(lookups.look()));
    EXPECT_EQ(part(0, a).result, "acked");
    EXPECT_FALSE(dirt(a));
}

TEST_F(LookupTest, AWriteThatArrivesAfterARepairMakesItsCopyDirtyAgain) {
    lose({{a, false}});
    ASSERT_TRUE(write(R"([{"id":1}])"));
    cluster.nodes.react = nullptr;
    make_clean(a);
    auto repair = underway.front();
    repair.target = "/indexes/p/documents?primaryKey=id";
    arrive(repair);
    arrive(underway.front());
    auto lookups = this->lookups();
    EXPECT_TRUE(cluster.loop.run(lookups.look()));
    ASSERT_TRUE(dirt(a));
}

TEST_F(LookupTest, AWriteOverTheNodesBodyLimitIsFoundWhenAllOfItIs) {
    WriterOptions options;
    options.node_body_bytes_max = 90;
    DocumentWriter cutting{cluster.store, cluster.snapshots, cluster.peers, cluster.fleet, cluster.nodes,
                           lanes,         journal,           poller,        nullptr,       options,
                           null_log(),    null_metrics()};
    for (const int lost_request : {2, 1}) {
        int requests = 0;
        cluster.nodes.react = [&](const FakeCall& call) {
            const bool counts = call.writes_documents() && call.node == a;
            return counts && ++requests == lost_request ? FakeReaction::lost(true) : FakeReaction{};
        };
        DocumentWrite write;
        write.index = LogicalIndexUid("books");
        std::string documents = R"([{"id":1},{"id":2}])";
        documents.reserve(64 + documents.size());
        write.body = std::make_shared<const std::string>(std::move(documents));
        write.batch = std::make_shared<const meili::DocumentBatch>(
            meili::scan_documents(*write.body, meili::PayloadFormat::json).value());
        ASSERT_TRUE(cluster.loop.run(cutting.write(std::move(write))));
        EXPECT_EQ(requests, lost_request) << "the document bodies no longer make two requests";
    }
    auto lookups = this->lookups();
    EXPECT_TRUE(cluster.loop.run(lookups.look()));
    EXPECT_THAT(part(0, a).node_tasks, ElementsAre(0U, 1U));
    EXPECT_EQ(part(1, a).result, "unknown") << "its second half was never sent";
    EXPECT_THAT(cluster.loop.run(cluster.store.tasks().lookups()), IsEmpty());
}

TEST_F(LookupTest, ATaskThatEndedOtherwiseMakesTheCopyDirtyThatTookItsWrite) {
    lose({{a, false}});
    ASSERT_TRUE(write(R"([{"id":1}])"));
    cluster.nodes.react = nullptr;
    coordination::TaskFinish finish;
    finish.status = TaskStatus::failed;
    cluster.loop.run(cluster.store.tasks().finish(finish));
    make_clean(a);
    arrive(underway.front());
    auto lookups = this->lookups();
    EXPECT_TRUE(cluster.loop.run(lookups.look()));
    EXPECT_EQ(part(0, a).status, TaskStatus::succeeded);
    ASSERT_TRUE(dirt(a));
}

TEST_F(LookupTest, WhatIsFoundUnfinishedAfterItsTaskHasEndedIsFollowed) {
    lose({{a, true}});
    ASSERT_TRUE(write(R"([{"id":1}])"));
    coordination::TaskFinish finish;
    finish.status = TaskStatus::succeeded;
    cluster.loop.run(cluster.store.tasks().finish(finish));
    cluster.nodes.by_id[a].tasks[0].status = "processing";
    tasks::LookupOptions options;
    options.pause_min = {};
    auto lookups = this->lookups(options);
    EXPECT_FALSE(cluster.loop.run(lookups.look()));
    EXPECT_EQ(part(0, a).result, "unknown");
    cluster.nodes.by_id[a].tasks[0].status = "succeeded";
    wait();
    while (!cluster.loop.run(lookups.look())) wait();
    EXPECT_EQ(part(0, a).status, TaskStatus::succeeded);
}

TEST_F(LookupTest, NoMoreThanTheNewestTasksAreScanned) {
    lose({{a, true}});
    ASSERT_TRUE(write(R"([{"id":1}])"));
    cluster.nodes.react = nullptr;
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(write(R"([{"id":2}])"));
    tasks::LookupOptions options;
    options.scan_max = 3;
    auto lookups = this->lookups(options);
    EXPECT_TRUE(cluster.loop.run(lookups.look()));
    EXPECT_EQ(part(0, a).result, "unknown");
    EXPECT_THAT(cluster.loop.run(cluster.store.tasks().lookups()), IsEmpty());
}

}  // namespace
}  // namespace miroir::writes
