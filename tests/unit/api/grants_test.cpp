#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "miroir/api/index_handler.hpp"
#include "miroir/api/stats_handler.hpp"
#include "miroir/api/task_handler.hpp"
#include "miroir/cluster/placement.hpp"
#include "miroir/meili/markers.hpp"
#include "operations_fixture.hpp"

namespace miroir::api {
namespace {

using nlohmann::ordered_json;
using test::FakeCall;
using test::FakeReaction;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct Grants : OperationsFixture {
    IndexHandler indexes{cluster.snapshots, operations, control};
    StatsHandler stats{cluster.snapshots, scatter, cluster.nodes};
    TaskHandler tasks{cluster.store.tasks(), task_operations, control};
    auth::Grant grant;

    Grants() : OperationsFixture({"a", "b", "c"}) { cluster.make_index("books", "physical-1"); }

    void allow_only(const std::string& allowed) {
        grant.index_allowed = [allowed](const LogicalIndexUid& uid) { return uid.str() == allowed; };
    }

    TaskUid add_task(const std::string& index) {
        coordination::TaskDraft draft;
        draft.type = "indexCreation";
        if (!index.empty()) draft.index_uid = index;
        return cluster.loop.run(cluster.store.tasks().add(draft, ReplicaId("r"), std::nullopt)).uid;
    }

    static http::Request a_request(const std::string& query, const std::string& body = "") {
        http::Request request;
        request.query = query;
        request.body = body;
        request.body.reserve(body.size() + 64);
        request.headers.emplace_back("content-type", "application/json");
        request.path_parameters = {{"uid", "books"}};
        return request;
    }

    ordered_json listed(const std::string& query) {
        const auto answer = cluster.loop.run(tasks.list(a_request(query), grant));
        return ordered_json::parse(answer.value().body);
    }
    static std::vector<TaskUid> uids(const ordered_json& page) {
        std::vector<TaskUid> all;
        for (const auto& task : page["results"]) all.push_back(task["uid"].get<TaskUid>());
        return all;
    }
};

TEST_F(Grants, PagesOfTasksHaveOnlyWhatTheGrantShowsAndTotalsCountAllAsInTheEngine) {
    for (int i = 0; i < 5; ++i) {
        add_task("books");   // 0, 4, 8, 12, 16
        add_task("secret");  // deleted or never made: only tasks know it
        add_task("");
        add_task("drafts");
    }
    allow_only("books");
    const auto first = listed("limit=2");
    EXPECT_THAT(uids(first), ElementsAre(16U, 12U));
    EXPECT_EQ(first["total"], 20);
    EXPECT_EQ(first["from"], 16);
    EXPECT_EQ(first["next"], 8);
    EXPECT_THAT(uids(listed("limit=10&from=8")), ElementsAre(8U, 4U, 0U));
    EXPECT_THAT(uids(listed("indexUids=secret,books&limit=1")), ElementsAre(16U));
    EXPECT_THAT(uids(listed("indexUids=secret")), IsEmpty());
    EXPECT_EQ(listed("indexUids=secret")["total"], 5);
    allow_only("nothing");
    EXPECT_THAT(uids(listed("")), IsEmpty());
    grant.index_allowed = nullptr;
    EXPECT_EQ(listed("")["total"], 20);
}

TEST_F(Grants, ATaskAboutNoIndexIsNotShownToAGrantForSomeIndexes) {
    const auto uid = add_task("");
    allow_only("books");
    auto request = a_request("");
    request.path_parameters = {{"taskUid", std::to_string(uid)}};
    const auto answer = cluster.loop.run(tasks.get(request, grant));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, "task_not_found");
}

TEST_F(Grants, TasksOfOtherIndexesAreNeitherCanceledNorDeleted) {
    add_task("books");
    add_task("secret");
    allow_only("books");
    for (const auto& call : {&TaskHandler::cancel, &TaskHandler::remove}) {
        const auto answer = cluster.loop.run((tasks.*call)(a_request("statuses=*"), grant));
        ASSERT_TRUE(answer);
        const auto uid = ordered_json::parse(answer.value().body)["taskUid"].get<TaskUid>();
        const auto task = cluster.loop.run(cluster.store.tasks().find(uid));
        EXPECT_THAT(task->details_json, HasSubstr(R"("matchedTasks":1)"));
    }
}

TEST_F(Grants, ARenameAsksForTheNewUidToo) {
    allow_only("books");
    const auto refused = cluster.loop.run(indexes.update(a_request("", R"({"uid":"secret"})"), grant));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, "invalid_api_key");
    EXPECT_EQ(cluster.loop.run(cluster.store.tasks().page({})).total, 0U);
    EXPECT_TRUE(cluster.loop.run(indexes.update(a_request("", R"({"primaryKey":"id"})"), grant)));
}

TEST_F(Grants, StatisticsCountWhatTheInjectedFilterLetsThrough) {
    for (const auto* injected :
         {R"("tenant = 7")", R"(["tenant = 7"])", R"([["tenant = 7","tenant = 8"]])"}) {
        grant.injected_filter = [injected](const LogicalIndexUid&) {
            return std::optional<std::string>(injected);
        };
        cluster.nodes.calls.clear();
        for (const auto& call : {&StatsHandler::of_index, &StatsHandler::of_all}) {
            EXPECT_TRUE(cluster.loop.run((stats.*call)(a_request(""), grant)));
        }
        int counted = 0;
        for (const auto& call : cluster.nodes.calls) {
            if (!call.path().ends_with("/fetch")) continue;
            ++counted;
            const auto filter = ordered_json::parse(call.body)["filter"];
            ASSERT_EQ(filter.size(), 2U) << call.body;
            const auto rule = ordered_json::parse(injected);
            EXPECT_EQ(filter[0], rule.is_array() ? rule[0] : rule);
            EXPECT_THAT(filter[1].dump(), HasSubstr("_miroir_shard"));
        }
        EXPECT_GE(counted, 2);
    }
}

const char* const garbage[] = {
    R"({"numberOfDocuments":"many","fieldDistribution":{}})",
    R"({"numberOfDocuments":-1})",
    R"({"numberOfDocuments":1,"fieldDistribution":{"title":"x"}})",
    R"({"numberOfDocuments":1,"fieldDistribution":7})",
    R"({"numberOfDocuments":1,"isIndexing":"yes"})",
    R"({"numberOfDocuments":1,"rawDocumentDbSize":null})",
    R"({"numberOfDocuments":1,"internalDatabaseSizes":{"a":[]}})",
    "{}",
    "[]",
    "",
};

TEST_F(Grants, StatisticsOfANodeThatCannotBeReadAreLeftOut) {
    for (const auto* text : garbage) {
        cluster.nodes.react = [text](const FakeCall& call) {
            const bool lies = call.path().ends_with("/stats") && call.node.str() == "b";
            return lies ? FakeReaction::refuse(200, text) : FakeReaction{};
        };
        EXPECT_TRUE(cluster.loop.run(stats.of_index(a_request("showInternalDatabaseSizes=true"), grant)))
            << text;
        EXPECT_TRUE(cluster.loop.run(stats.of_all(a_request(""), grant))) << text;
    }
}

TEST_F(Grants, StatisticsThatNoNodeTellsAreRefused) {
    for (const auto* text : garbage) {
        cluster.nodes.react = [text](const FakeCall& call) {
            return call.path().ends_with("/stats") ? FakeReaction::refuse(200, text) : FakeReaction{};
        };
        for (const auto& call : {&StatsHandler::of_index, &StatsHandler::of_all}) {
            const auto answer = cluster.loop.run((stats.*call)(a_request(""), grant));
            ASSERT_FALSE(answer) << text;
            EXPECT_EQ(answer.error().code, "miroir_shard_unavailable");
        }
    }
}

TEST_F(Grants, ACountThatCannotBeReadIsAskedFromAnotherCopy) {
    const auto index = cluster.index("books");
    const auto shard = cluster::shard_of("1", index->shards);
    const ordered_json document{{"id", "1"}, {"_miroir_shard", meili::shard_marker(shard)}};
    for (const auto& copy : index->placement.shards[shard]) {
        cluster.nodes.by_id[copy.node].indexes["physical-1"].documents["1"] = document;
    }
    for (const auto* bad : {"a", "b", "c"}) {
        cluster.nodes.react = [bad](const FakeCall& call) {
            const bool lies = call.path().ends_with("/fetch") && call.node.str() == bad;
            return lies ? FakeReaction::refuse(200, R"({"total":"one"})") : FakeReaction{};
        };
        const auto answer = cluster.loop.run(stats.of_index(a_request(""), grant));
        ASSERT_TRUE(answer) << bad;
        EXPECT_EQ(ordered_json::parse(answer.value().body)["numberOfDocuments"], 1) << bad;
    }
}

}  // namespace
}  // namespace miroir::api
