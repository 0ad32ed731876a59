#include <string>

#include "control_process.hpp"

namespace miroir::operations {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

struct FrozenSettings : ControlOperationsTest {};

// Answers `body` when asked for the settings of an index, while `lies` is true.
std::function<FakeReaction(const FakeCall&)> a_liar(const std::string& node, const bool* lies,
                                                    std::string body) {
    return [=](const FakeCall& call) {
        const bool asked =
            call.node.str() == node && call.method == http::Method::get && call.path().ends_with("/settings");
        return asked && *lies ? FakeReaction::refuse(200, body) : FakeReaction{};
    };
}

Async<void> divergent(test::FakeCluster* cluster, PhysicalIndexUid index) {
    while (!cluster->snapshots.current()->is_divergent(index)) {
        co_await runtime::sleep_for(std::chrono::milliseconds(1));
    }
}

ControlOptions impatient_options() {
    auto options = Process::default_options();
    options.repair_retries_max = 2;
    options.repair_pause_min = std::chrono::milliseconds(1);
    return options;
}

TEST_F(FrozenSettings, ANodeThatSaysOtherSettingsFreezesTheIndexUntilItSaysTheSame) {
    const std::string other = R"({"stopWords":["la"]})";
    const auto said = meili::apply(meili::default_settings_json(), meili::parse_settings(other).value());
    for (const std::string& answer : {said, std::string("[]"), std::string("{}"), std::string("oops")}) {
        test::FakeCluster own({"a", "b"});
        const auto index = own.make_index("books", "physical-1");
        bool lies = true;
        own.nodes.react = a_liar("b", &lies, answer);
        Process process(own, impatient_options());
        const auto uid = process.submit("settings_update", "books", stop_words);
        own.loop.run(divergent(&own, index->physical));
        const auto patches = std::count_if(
            own.nodes.calls.begin(), own.nodes.calls.end(),
            [](const auto& call) { return call.node.str() == "b" && call.method == http::Method::patch; });
        EXPECT_EQ(patches, 3) << "the change and two repetitions";
        EXPECT_EQ(own.index("books")->settings_version, 1U);
        EXPECT_FALSE(own.loop.run(own.sqlite->tasks().find(uid))->finished_at);
        lies = false;
        EXPECT_EQ(own.loop.run(ending(&own, uid, &alive))->status, TaskStatus::succeeded);
        EXPECT_THAT(own.snapshots.current()->unsettled, IsEmpty());
        EXPECT_THAT(own.index("books")->settings_json, HasSubstr(R"("stopWords":["le"])"));
    }
}

TEST_F(FrozenSettings, AFrozenIndexIsFrozenAtTheNextStartToo) {
    const auto index = cluster.make_index("books", "physical-1");
    bool lies = true;
    cluster.nodes.react = a_liar("b", &lies, "{}");
    TaskUid uid = 0;
    {
        Process first(cluster, impatient_options());
        uid = first.submit("settings_update", "books", stop_words);
        cluster.loop.run(divergent(&cluster, index->physical));
        cluster.loop.run(saved_as_frozen(&cluster));
    }
    cluster.snapshots.set_settings_phase(index->physical, std::nullopt);
    Process second(cluster, impatient_options());
    for (const auto& entry : cluster.loop.run(cluster.sqlite->journal().unfinished())) {
        second.operations.resume(entry);
    }
    EXPECT_TRUE(cluster.snapshots.current()->is_divergent(index->physical));
    lies = false;
    EXPECT_EQ(ended(uid).status, TaskStatus::succeeded);
    EXPECT_FALSE(cluster.snapshots.current()->is_divergent(index->physical));
}

TEST_F(FrozenSettings, ALaterChangeTakesAFrozenOnesPlace) {
    const auto index = cluster.make_index("books", "physical-1");
    bool lies = true;
    cluster.nodes.react = a_liar("b", &lies, "{}");
    TaskUid second = 0;
    {
        Process process(cluster, impatient_options());
        const auto first = process.submit("settings_update", "books", stop_words);
        cluster.loop.run(divergent(&cluster, index->physical));
        second = process.submit("settings_update", "books", R"({"change":{"stopWords":["la"]}})");
        const auto replaced = cluster.loop.run(task_end(&cluster, first));
        EXPECT_EQ(replaced.status, TaskStatus::failed);
        EXPECT_THAT(replaced.error_json, HasSubstr("miroir_settings_divergent"));
        EXPECT_TRUE(cluster.snapshots.current()->is_divergent(index->physical));
    }
    cluster.snapshots.set_settings_phase(index->physical, std::nullopt);
    Process process(cluster, impatient_options());
    for (const auto& entry : cluster.loop.run(cluster.sqlite->journal().unfinished())) {
        process.operations.resume(entry);
    }
    EXPECT_TRUE(cluster.snapshots.current()->is_divergent(index->physical)) << "also after a restart";
    lies = false;
    EXPECT_EQ(ended(second).status, TaskStatus::succeeded);
    EXPECT_FALSE(cluster.snapshots.current()->is_divergent(index->physical));
    for (const auto node : {"a", "b"}) {
        EXPECT_THAT(node_settings(node, "physical-1"), HasSubstr(R"("stopWords":["la"])"));
    }
}

TEST_F(FrozenSettings, AFrozenIndexCanBeDeleted) {
    const auto index = cluster.make_index("books", "physical-1");
    const bool lies = true;
    cluster.nodes.react = a_liar("b", &lies, "{}");
    Process process(cluster, impatient_options());
    process.submit("settings_update", "books", stop_words);
    cluster.loop.run(divergent(&cluster, index->physical));
    EXPECT_EQ(ended(process.submit("index_delete", "books", "{}")).status, TaskStatus::succeeded);
    EXPECT_EQ(cluster.index("books"), nullptr);
    EXPECT_THAT(cluster.snapshots.current()->unsettled, IsEmpty());
}

TEST_F(FrozenSettings, AFrozenIndexStaysFrozenWhenTheChangeThatTookOverIsRejected) {
    const auto index = cluster.make_index("books", "physical-1");
    bool lies = true;
    auto liar = a_liar("b", &lies, "{}");
    cluster.nodes.react = [liar](const FakeCall& call) {
        const bool rejected =
            call.method == http::Method::patch && call.body.find("bad") != std::string::npos;
        return rejected ? FakeReaction::refuse(400, node_error) : liar(call);
    };
    Process process(cluster, impatient_options());
    process.submit("settings_update", "books", stop_words);
    cluster.loop.run(divergent(&cluster, index->physical));
    const auto bad = process.submit("settings_update", "books", R"({"change":{"stopWords":["bad"]}})");
    cluster.loop.run(runtime::sleep_for(std::chrono::milliseconds(50)));
    EXPECT_TRUE(cluster.snapshots.current()->is_divergent(index->physical));
    lies = false;
    const auto task = ended(bad);
    EXPECT_EQ(task.status, TaskStatus::failed);
    EXPECT_THAT(task.error_json, HasSubstr("Index `books`: no."));
    EXPECT_FALSE(cluster.snapshots.current()->is_divergent(index->physical));
    for (const auto node : {"a", "b"}) {
        EXPECT_THAT(node_settings(node, "physical-1"), Not(HasSubstr("\"le\""))) << "what is committed";
    }
}

TEST_F(FrozenSettings, WhatWaitsForItsTurnCanBeCanceled) {
    const auto index = cluster.make_index("books", "physical-1");
    bool lies = true;
    cluster.nodes.react = a_liar("b", &lies, "{}");
    Process process(cluster, impatient_options());
    const auto first = process.submit("settings_update", "books", stop_words);
    cluster.loop.run(divergent(&cluster, index->physical));
    const auto second = process.submit("index_update", "books", R"({"primaryKey":"isbn","uid":null})");
    coordination::TaskFilter both;
    both.uids = {first, second};
    const auto cancelation = cluster.loop.run(process.task_operations.cancel(std::move(both), "?uids=0,1"));
    const auto canceled = cluster.loop.run(task_end(&cluster, second));
    EXPECT_EQ(canceled.status, TaskStatus::canceled);
    EXPECT_EQ(canceled.canceled_by, cancelation.uid);
    const auto summary = cluster.loop.run(task_end(&cluster, cancelation.uid));
    EXPECT_THAT(summary.details_json, HasSubstr(R"("matchedTasks":2,"canceledTasks":1)"));
    lies = false;
    EXPECT_EQ(ended(first).status, TaskStatus::succeeded);
    EXPECT_EQ(cluster.index("books")->primary_key, "id");
}

TEST_F(FrozenSettings, AnOperationThatKeepsMeetingErrorsFailsAndLetsTheNextOneRun) {
    cluster.make_index("books", "physical-1");
    auto options = impatient_options();
    options.fault_pause = std::chrono::milliseconds(1);
    Process process(cluster, options);
    int faults = 0;
    cluster.store.spy = [&](std::string step) -> Async<void> {
        if (step == "catalog.set_settings" && ++faults <= 3) throw std::runtime_error("unexpected");
        co_return;
    };
    const auto first = process.submit("settings_update", "books", stop_words);
    const auto second = process.submit("settings_update", "books", R"({"change":{"stopWords":["la"]}})");
    EXPECT_EQ(ended(second).status, TaskStatus::succeeded);
    const auto failed = cluster.loop.run(task_end(&cluster, first));
    EXPECT_EQ(failed.status, TaskStatus::failed);
    EXPECT_THAT(failed.error_json, Not(HasSubstr("unexpected")));
}

TEST_F(FrozenSettings, ACancelationWhoseReplicaDiedFails) {
    coordination::TaskDraft draft;
    draft.type = "taskCancelation";
    std::optional<coordination::TaskFinish> open;
    const auto left =
        cluster.loop.run(cluster.sqlite->tasks().add(std::move(draft), ReplicaId("dead"), std::move(open)));
    Process process(cluster);
    cluster.loop.run(process.task_operations.end_interrupted());
    EXPECT_EQ(cluster.loop.run(task_end(&cluster, left.uid)).status, TaskStatus::failed);
}

TEST_F(FrozenSettings, ANodeThatDisagreesAndGoesAwayBlocksNothing) {
    const auto index = cluster.make_index("books", "physical-1");
    const bool lies = true;
    cluster.nodes.react = a_liar("b", &lies, "{}");
    Process process(cluster, impatient_options());
    const auto uid = process.submit("settings_update", "books", stop_words);
    cluster.loop.run(divergent(&cluster, index->physical));
    cluster.nodes.by_id[NodeId("b")].away = true;
    EXPECT_EQ(ended(uid).status, TaskStatus::succeeded);
    EXPECT_THAT(cluster.snapshots.current()->unsettled, IsEmpty());
    const std::pair<PhysicalIndexUid, NodeId> on_b{index->physical, NodeId("b")};
    EXPECT_THAT(cluster.snapshots.current()->stale_settings, testing::ElementsAre(on_b));
}

}  // namespace
}  // namespace miroir::operations
