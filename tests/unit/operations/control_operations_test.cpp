#include <set>
#include <string>

#include "control_process.hpp"

namespace miroir::operations {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

TEST_F(ControlOperationsTest, ASettingsChangeReachesEveryNodeBeforeItIsCommitted) {
    cluster.make_index("books", "physical-1");
    Process process(cluster);
    cluster.store.spy = [&](std::string step) -> Async<void> {
        if (step == "catalog.set_settings") {
            EXPECT_THAT(node_settings("a", "physical-1"), HasSubstr(R"("stopWords":["le"])"));
            EXPECT_THAT(node_settings("b", "physical-1"), HasSubstr(R"("stopWords":["le"])"));
        }
        co_return;
    };
    EXPECT_EQ(ended(process.submit("settings_update", "books", stop_words)).status, TaskStatus::succeeded);
    EXPECT_THAT(cluster.index("books")->settings_json, HasSubstr(R"("stopWords":["le"])"));
    EXPECT_EQ(cluster.index("books")->settings_version, 2U);
    EXPECT_THAT(cluster.snapshots.current()->stale_settings, IsEmpty());
}

TEST_F(ControlOperationsTest, ANodeThatRejectsAChangePutsTheOldSettingsBackEverywhere) {
    for (const bool at_once : {false, true}) {
        test::FakeCluster own({"a", "b"});
        own.make_index("books", "physical-1");
        own.nodes.react = [&](const FakeCall& call) {
            const bool rejects = call.node.str() == "b" && call.method == http::Method::patch;
            if (!rejects) return FakeReaction{};
            return at_once ? FakeReaction::refuse(400, node_error) : FakeReaction::task_fails(node_error);
        };
        Process process(own);
        const auto task =
            *own.loop.run(ending(&own, process.submit("settings_update", "books", stop_words), &alive));
        EXPECT_EQ(task.status, TaskStatus::failed);
        EXPECT_THAT(task.error_json, HasSubstr("Index `books`: no."));
        EXPECT_THAT(task.error_json, Not(HasSubstr("physical-1")));
        EXPECT_THAT(own.index("books")->settings_json, Not(HasSubstr("\"le\"")));
        for (const auto& [id, node] : own.nodes.by_id) {
            EXPECT_THAT(node.indexes.at("physical-1").settings, Not(HasSubstr("\"le\""))) << id.str();
        }
    }
}

TEST_F(ControlOperationsTest, AfterARejectionANodeWhoseReplyWasLostDoesNotKeepTheChange) {
    cluster.make_index("books", "physical-1");
    cluster.nodes.react = [lost = 0](const FakeCall& call) mutable {
        if (call.method != http::Method::patch) return FakeReaction{};
        if (call.node.str() == "b") return FakeReaction::refuse(400, node_error);
        return lost++ == 0 ? FakeReaction::lost(true) : FakeReaction{};
    };
    Process process(cluster);
    EXPECT_EQ(ended(process.submit("settings_update", "books", stop_words)).status, TaskStatus::failed);
    EXPECT_THAT(node_settings("a", "physical-1"), Not(HasSubstr("\"le\"")));
}

TEST_F(ControlOperationsTest, ANodeThatCannotBeRestoredIsStaleUntilItHasTheCommittedSettings) {
    cluster.make_index("books", "physical-1");
    bool gone = true;
    cluster.nodes.react = [&gone, sent = 0](const FakeCall& call) mutable {
        if (call.method != http::Method::patch) return FakeReaction{};
        if (call.node.str() == "b") return FakeReaction::refuse(400, node_error);
        return sent++ > 0 && gone ? FakeReaction::unsent() : FakeReaction{};
    };
    Process process(cluster);
    EXPECT_EQ(ended(process.submit("settings_update", "books", stop_words)).status, TaskStatus::failed);
    cluster.refresh();
    const std::pair<PhysicalIndexUid, NodeId> on_a{PhysicalIndexUid("physical-1"), NodeId("a")};
    EXPECT_EQ(cluster.snapshots.current()->stale_settings.count(on_a), 1U);
    gone = false;
    cluster.loop.run(no_settings_stale(&cluster, &process.upkeep));
    EXPECT_THAT(node_settings("a", "physical-1"), Not(HasSubstr("\"le\"")));
}

TEST_F(ControlOperationsTest, ANodeThatIsAwayStaysStaleUntilItComesBack) {
    cluster.make_index("books", "physical-1");
    cluster.nodes.by_id[NodeId("b")].away = true;
    Process process(cluster);
    EXPECT_EQ(ended(process.submit("settings_update", "books", stop_words)).status, TaskStatus::succeeded);
    const std::pair<PhysicalIndexUid, NodeId> on_b{PhysicalIndexUid("physical-1"), NodeId("b")};
    EXPECT_THAT(cluster.snapshots.current()->stale_settings, testing::ElementsAre(on_b));
    cluster.nodes.by_id[NodeId("b")].away = false;
    cluster.loop.run(no_settings_stale(&cluster, &process.upkeep));
    EXPECT_THAT(node_settings("b", "physical-1"), HasSubstr(R"("stopWords":["le"])"));
}

TEST_F(ControlOperationsTest, ReadsCanTellThatAChangeIsUnderWay) {
    const auto index = cluster.make_index("books", "physical-1");
    Process process(cluster);
    int seen = 0;
    cluster.nodes.before = [&](const FakeCall& call) -> Async<void> {
        if (call.method == http::Method::patch)
            seen += cluster.snapshots.current()->unsettled.count(index->physical);
        co_return;
    };
    ended(process.submit("settings_update", "books", stop_words));
    EXPECT_EQ(seen, 2);
    EXPECT_THAT(cluster.snapshots.current()->unsettled, IsEmpty());
}

TEST_F(ControlOperationsTest, OneByOneANodeGetsAChangeWhenTheOneBeforeHasAppliedIt) {
    cluster.make_index("books", "physical-1");
    auto options = Process::default_options();
    options.one_by_one = true;
    Process process(cluster, options);
    bool checked = false;
    cluster.nodes.before = [&](const FakeCall& call) -> Async<void> {
        if (call.method == http::Method::patch && call.node.str() == "b") {
            checked = true;
            EXPECT_EQ(cluster.nodes.by_id[NodeId("a")].tasks.size(), 1U);
            const auto waited = std::any_of(
                cluster.nodes.calls.begin(), cluster.nodes.calls.end(),
                [](const auto& one) { return one.node.str() == "a" && one.target == "/tasks/0"; });
            EXPECT_TRUE(waited);
        }
        co_return;
    };
    EXPECT_EQ(ended(process.submit("settings_update", "books", stop_words)).status, TaskStatus::succeeded);
    EXPECT_TRUE(checked);
    EXPECT_THAT(cluster.snapshots.current()->stale_settings, IsEmpty());
}

TEST_F(ControlOperationsTest, OneByOneARejectionStopsTheChangeAndPutsTheOldSettingsBack) {
    cluster.make_index("books", "physical-1");
    auto options = Process::default_options();
    options.one_by_one = true;
    Process process(cluster, options);
    int asked = 0;
    cluster.nodes.react = [&](const FakeCall& call) {
        const bool first = call.method == http::Method::patch && asked++ == 0;
        return first && call.node.str() == "a" ? FakeReaction::task_fails(node_error) : FakeReaction{};
    };
    EXPECT_EQ(ended(process.submit("settings_update", "books", stop_words)).status, TaskStatus::failed);
    EXPECT_EQ(asked, 1) << "the second node never got it";
    EXPECT_THAT(node_settings("b", "physical-1"), Not(HasSubstr("\"le\"")));
}

struct CrashCase {
    std::string name;
    std::string operation;
    std::string index;
    std::string body;
};

class ACrash : public testing::TestWithParam<CrashCase> {
protected:
    // Everything that an operation leaves behind, without what is random.
    static std::string outcome(test::FakeCluster& cluster, const TaskRecord& task) {
        std::string text = std::string(name_of(task.status)) + " " + task.index_uid.value_or("-") + " " +
                           task.details_json + " " + task.error_json + "\n";
        std::set<std::string> known;
        for (const auto& [uid, index] : cluster.snapshots.current()->indexes) {
            const auto physical = index->physical.str();
            known.insert(physical);
            text += uid.str() + " " + (physical.starts_with("physical-") ? physical : "fresh") + " " +
                    index->primary_key.value_or("-") + " " + index->settings_json + "\n";
        }
        for (const auto& [id, node] : cluster.nodes.by_id) {
            for (const auto& [physical, index] : node.indexes) {
                text += id.str() + (known.count(physical) != 0 ? " has " : " keeps a lost ") +
                        (physical.starts_with("physical-") ? physical : "fresh") + " " + index.settings +
                        "\n";
            }
        }
        return text;
    }

    // The outcome when the process dies at its `step`th change of the store; nothing is left to die at when
    // `died` stays false.
    static std::string run_with_crash(const CrashCase& what, int step, bool& died) {
        test::FakeCluster cluster({"a", "b"});
        cluster.make_index("books", "physical-1");
        cluster.make_index("drafts", "physical-2");
        const bool alive = false;
        died = false;
        TaskUid uid = 0;
        {
            Process first(cluster);
            uid = first.submit(what.operation, what.index, what.body);
            cluster.store.spy = [&died, left = step](std::string) mutable -> Async<void> {
                died = died || left-- == 0;
                if (died) throw std::runtime_error("killed");
                co_return;
            };
            const auto task = cluster.loop.run(ending(&cluster, uid, &died));
            if (task) {
                cluster.loop.run(no_settings_stale(&cluster, &first.upkeep));
                return outcome(cluster, *task);
            }
        }
        cluster.store.spy = nullptr;
        cluster.refresh();
        Process second(cluster);
        for (const auto& entry : cluster.loop.run(cluster.sqlite->journal().unfinished())) {
            second.operations.resume(entry);
        }
        const auto task = cluster.loop.run(ending(&cluster, uid, &alive));
        cluster.loop.run(no_settings_stale(&cluster, &second.upkeep));
        return outcome(cluster, *task);
    }
};

TEST_P(ACrash, AtAnyStepLeavesTheSameInTheEnd) {
    bool died = false;
    const auto expected = run_with_crash(GetParam(), -1, died);
    ASSERT_FALSE(died);
    EXPECT_THAT(expected, testing::StartsWith("succeeded"));
    EXPECT_THAT(expected, Not(HasSubstr("lost")));
    int step = 0;
    for (died = true; died; ++step) {
        EXPECT_EQ(run_with_crash(GetParam(), step, died), expected) << "killed at step " << step;
    }
    EXPECT_GT(step, 4);
}

INSTANTIATE_TEST_SUITE_P(
    ControlOperations, ACrash,
    testing::Values(CrashCase{"Creation", "index_create", "fresh", R"({"primaryKey":"id","shards":2})"},
                    CrashCase{"Deletion", "index_delete", "books", "{}"},
                    CrashCase{"Rename", "index_update", "books", R"({"primaryKey":null,"uid":"novels"})"},
                    CrashCase{"PrimaryKey", "index_update", "books", R"({"primaryKey":"isbn","uid":null})"},
                    CrashCase{"Swap", "index_swap", "books",
                              R"({"swaps":[{"indexes":["books","drafts"],"rename":false}]})"},
                    CrashCase{"Settings", "settings_update", "books", stop_words}),
    [](const auto& info) { return info.param.name; });

TEST_F(ControlOperationsTest, ANewIndexHasTheShardsAskedForElseThoseOfItsUid) {
    auto options = Process::default_options();
    options.index_defaults = {{"logs-*", 3}};
    Process process(cluster, options);
    ended(process.submit("index_create", "logs-asked", R"({"primaryKey":null,"shards":5})"));
    ended(process.submit("index_create", "logs-created", R"({"primaryKey":null,"shards":0})"));
    ended(process.submit("index_create", "books", R"({"primaryKey":null,"shards":0})"));
    ended(
        process.submit("settings_update", "logs-set", R"({"change":{"stopWords":["le"]},"mayCreate":true})"));
    const LogicalIndexUid written("logs-written");
    cluster.loop.run(process.operations.create_index(written, std::nullopt, 0, PhysicalIndexUid()));
    cluster.loop.run(process.upkeep.settled(cluster.index("logs-written")->physical));
    EXPECT_EQ(cluster.index("logs-asked")->shards, 5U);
    EXPECT_EQ(cluster.index("books")->shards, 2U);
    for (const auto* uid : {"logs-created", "logs-set", "logs-written"}) {
        EXPECT_EQ(cluster.index(uid)->shards, 3U) << uid;
    }
}

TEST_F(ControlOperationsTest, WhatCannotBeDoneFailsTheTaskAndChangesNothing) {
    cluster.make_index("books", "physical-1");
    cluster.make_index("drafts", "physical-2");
    Process process(cluster);
    const auto expect_failure = [&](const std::string& operation, const std::string& index,
                                    const std::string& body, const std::string& code) {
        const auto task = ended(process.submit(operation, index, body));
        EXPECT_EQ(task.status, TaskStatus::failed) << operation;
        EXPECT_THAT(task.error_json, HasSubstr(code));
        EXPECT_THAT(task.error_json, Not(HasSubstr("physical")));
    };
    expect_failure("index_create", "books", R"({"primaryKey":null,"shards":0})", "index_already_exists");
    expect_failure("index_delete", "none", "{}", "index_not_found");
    expect_failure("index_update", "books", R"({"primaryKey":null,"uid":"drafts"})", "index_already_exists");
    expect_failure("index_swap", "books", R"({"swaps":[{"indexes":["books","none"],"rename":false}]})",
                   "index_not_found");
    expect_failure("settings_update", "none", stop_words, "index_not_found");
    EXPECT_EQ(cluster.index("books")->physical.str(), "physical-1");
    EXPECT_EQ(cluster.index("drafts")->physical.str(), "physical-2");
    EXPECT_EQ(cluster.snapshots.current()->indexes.size(), 2U);
}

}  // namespace
}  // namespace miroir::operations
