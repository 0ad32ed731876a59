#include "miroir/devnode/dev_node.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "miroir/http/client.hpp"
#include "miroir/meili/json_value.hpp"
#include "miroir/runtime/io_threads.hpp"
#include "run_async.hpp"
#include "temporary_folder.hpp"

namespace miroir::devnode {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

struct Reply {
    int status = 0;
    std::string body;

    std::string operator[](std::string_view member) const {
        const auto parsed = meili::parse_json(body);
        const auto* value = parsed ? parsed.value().find(member) : nullptr;
        return value ? meili::print(*value) : "";
    }
};

class DevNodeTest : public testing::Test {
protected:
    void start(DevNodeOptions options = {}) {
        if (options.master_key.empty()) {
            options.master_key = key_;
        }
        node_ = start_dev_node(std::move(options), threads_.executors());
    }

    Reply call(http::Method method, const std::string& target, const std::string& body = "",
               const std::string& type = "application/json") {
        http::OutgoingRequest request;
        request.method = method;
        request.target = target;
        request.body = {body};
        if (!key_.empty()) {
            request.headers.emplace_back("authorization", "Bearer " + key_);
        }
        if (!body.empty()) {
            request.headers.emplace_back("content-type", type);
        }
        const auto client = http::make_client("http://127.0.0.1:" + std::to_string(node_->port()), {});
        auto answer = run(client->exchange(std::move(request), Deadline::in(20s)));
        if (auto* response = std::get_if<http::Response>(&answer)) {
            return {response->status, std::move(response->body)};
        }
        return {0, std::get<http::ExchangeFailure>(answer).detail};
    }
    Reply get(const std::string& target) { return call(http::Method::get, target); }

    // Sends a write and waits for its task.
    Reply write(http::Method method, const std::string& target, const std::string& body = "",
                const std::string& type = "application/json") {
        const auto accepted = call(method, target, body, type);
        return finished(accepted["taskUid"]);
    }

    Reply finished(const std::string& uid) {
        auto task = get("/tasks/" + uid);
        while (task["status"] == "\"enqueued\"" || task["status"] == "\"processing\"") {
            task = get("/tasks/" + uid);
        }
        return task;
    }

    std::string key_ = "masterKey";
    runtime::IoThreads threads_{1};
    std::unique_ptr<DevNode> node_;
};

TEST_F(DevNodeTest, DocumentsAreFoundAfterTheirTask) {
    start();
    const auto task = write(http::Method::post, "/indexes/books/documents?customMetadata=a%2Fb",
                            R"([{"id":1,"title":"The Salt Harbour"},{"id":2,"title":"Glass"}])");
    EXPECT_EQ(task["status"], "\"succeeded\"");
    EXPECT_EQ(task["details"], R"({"receivedDocuments":2,"indexedDocuments":2})");
    EXPECT_EQ(task["customMetadata"], "\"a/b\"");
    EXPECT_EQ(task["uid"], "0");
    const auto found = call(http::Method::post, "/indexes/books/search", R"({"q":"harb"})");
    EXPECT_EQ(found.status, 200);
    EXPECT_EQ(found["hits"], R"([{"id":1,"title":"The Salt Harbour"}])");
    EXPECT_THAT(found.body, HasSubstr(R"("limit":20,"offset":0,"estimatedTotalHits":1,"requestUid":")"));
}

TEST_F(DevNodeTest, OnlyTheMasterKeyOpens) {
    start();
    key_ = "";
    EXPECT_EQ(get("/health").body, R"({"status":"available"})");
    EXPECT_EQ(get("/indexes")["code"], "\"missing_authorization_header\"");
    EXPECT_EQ(get("/indexes").status, 401);
    key_ = "wrong";
    EXPECT_EQ(get("/indexes")["code"], "\"invalid_api_key\"");
    EXPECT_EQ(get("/indexes").status, 403);
}

TEST_F(DevNodeTest, MergingKeepsLargeNumbersAndTheOrderOfMembers) {
    start();
    write(http::Method::post, "/indexes/n/documents", R"([{"id":1,"big":18446744073709551615,"a":{"x":1}}])");
    write(http::Method::put, "/indexes/n/documents", R"({"a":{"y":2},"id":1,"small":1e-7})");
    EXPECT_EQ(get("/indexes/n/documents/1").body,
              R"({"id":1,"big":18446744073709551615,"a":{"y":2},"small":1e-7})");
}

TEST_F(DevNodeTest, FreedPlacesAreTakenSmallestFirst) {
    start();
    write(http::Method::post, "/indexes/n/documents", R"([{"id":1},{"id":2},{"id":3},{"id":4}])");
    write(http::Method::post, "/indexes/n/documents/delete-batch", "[3,1]");
    write(http::Method::post, "/indexes/n/documents", R"([{"id":4,"n":1},{"id":5},{"id":6},{"id":7}])");
    EXPECT_EQ(get("/indexes/n/documents?fields=id")["results"],
              R"([{"id":5},{"id":2},{"id":6},{"id":4},{"id":7}])");
}

TEST_F(DevNodeTest, NdjsonAndCsvAreRead) {
    start();
    write(http::Method::post, "/indexes/n/documents", "{\"id\":1}\n{\"id\":2}\n", "application/x-ndjson");
    write(http::Method::post, "/indexes/n/documents?csvDelimiter=%3B", "id;n:number\n3;4.5\n", "text/csv");
    EXPECT_EQ(get("/indexes/n/documents")["results"], R"([{"id":1},{"id":2},{"id":"3","n":4.5}])");
}

TEST_F(DevNodeTest, ABadDocumentFailsTheWholeTask) {
    start();
    const auto task = write(http::Method::post, "/indexes/n/documents", R"([{"id":1},{"id":"a b"}])");
    EXPECT_EQ(task["status"], "\"failed\"");
    EXPECT_THAT(task["error"], HasSubstr("invalid_document_id"));
    EXPECT_EQ(get("/indexes/n")["primaryKey"], "null");
    EXPECT_EQ(get("/indexes/n/documents")["total"], "0");
}

TEST_F(DevNodeTest, DocumentsAreDeletedByFilter) {
    start();
    write(http::Method::put, "/indexes/n/settings/filterable-attributes", R"(["year"])");
    write(http::Method::post, "/indexes/n/documents", R"([{"id":1,"year":1990},{"id":2,"year":2020}])");
    const auto task = write(http::Method::post, "/indexes/n/documents/delete", R"({"filter":"year < 2000"})");
    EXPECT_EQ(task["details"],
              R"({"providedIds":0,"deletedDocuments":1,"originalFilter":"\"year < 2000\""})");
    EXPECT_EQ(get("/indexes/n/documents?fields=id")["results"], R"([{"id":2}])");
}

TEST_F(DevNodeTest, NewSettingsReadTheWordsAgain) {
    start();
    write(http::Method::post, "/indexes/n/documents", R"([{"id":1,"a":"glass","b":"ship"}])");
    write(http::Method::patch, "/indexes/n/settings",
          R"({"searchableAttributes":["a"],"stopWords":["the"]})");
    EXPECT_EQ(call(http::Method::post, "/indexes/n/search", R"({"q":"ship"})")["estimatedTotalHits"], "0");
    write(http::Method::del, "/indexes/n/settings/searchable-attributes");
    EXPECT_EQ(call(http::Method::post, "/indexes/n/search", R"({"q":"ship"})")["estimatedTotalHits"], "1");
    EXPECT_EQ(get("/indexes/n/settings/stop-words").body, R"(["the"])");
}

TEST_F(DevNodeTest, ARestartKeepsEverything) {
    const TemporaryFolder folder;
    DevNodeOptions options;
    options.directory = folder.path();
    start(options);
    write(http::Method::post, "/indexes/n/documents", R"([{"id":1,"t":"glass ship"},{"id":2,"t":"sea"}])");
    write(http::Method::del, "/indexes/n/documents/1");
    write(http::Method::put, "/indexes/n/settings/sortable-attributes", R"(["t"])");
    const auto tasks = get("/tasks").body;
    node_.reset();
    start(options);
    EXPECT_EQ(get("/tasks").body, tasks);
    EXPECT_EQ(get("/indexes/n/settings/sortable-attributes").body, R"(["t"])");
    write(http::Method::post, "/indexes/n/documents", R"([{"id":3,"t":"see"}])");
    EXPECT_EQ(get("/indexes/n/documents?fields=id")["results"], R"([{"id":3},{"id":2}])");
    EXPECT_EQ(call(http::Method::post, "/indexes/n/search", R"({"q":"glass"})")["hits"], "[]");
    EXPECT_EQ(call(http::Method::post, "/indexes/n/search", R"({"q":"sea"})")["hits"],
              R"([{"id":2,"t":"sea"}])");
}

TEST_F(DevNodeTest, AWaitingTaskIsCanceled) {
    DevNodeOptions options;
    options.task_delay = 10min;
    start(options);
    const auto first = call(http::Method::post, "/indexes/n/documents", R"([{"id":1}])");
    const auto second = call(http::Method::post, "/indexes/n/documents", R"([{"id":2}])");
    const auto cancel =
        call(http::Method::post, "/tasks/cancel?uids=" + first["taskUid"] + "," + second["taskUid"]);
    EXPECT_EQ(cancel.status, 200);
    EXPECT_EQ(finished(cancel["taskUid"])["details"],
              R"({"matchedTasks":2,"canceledTasks":2,"originalFilter":"?uids=0,1"})");
    const auto task = get("/tasks/1");
    EXPECT_EQ(task["status"], "\"canceled\"");
    EXPECT_EQ(task["canceledBy"], "2");
    EXPECT_EQ(task["details"], R"({"receivedDocuments":1,"indexedDocuments":0})");
}

TEST_F(DevNodeTest, DeletedTasksAreGoneAndTheirUidsAreNotUsedAgain) {
    const TemporaryFolder folder;
    DevNodeOptions options;
    options.directory = folder.path();
    start(options);
    write(http::Method::post, "/indexes", R"({"uid":"a"})");
    const auto deletion = call(http::Method::del, "/tasks?statuses=succeeded");
    EXPECT_EQ(finished(deletion["taskUid"])["details"],
              R"({"matchedTasks":1,"deletedTasks":1,"originalFilter":"?statuses=succeeded"})");
    EXPECT_EQ(get("/tasks/0").status, 404);
    finished(call(http::Method::del, "/tasks?uids=*")["taskUid"]);
    node_.reset();
    start(options);
    EXPECT_EQ(call(http::Method::post, "/indexes", R"({"uid":"b"})")["taskUid"], "3");
}

TEST_F(DevNodeTest, SwappedIndexesTakeTheirHistoryAlong) {
    start();
    write(http::Method::post, "/indexes/a/documents", R"([{"id":1}])");
    write(http::Method::post, "/indexes/b/documents", R"([{"id":2}])");
    EXPECT_EQ(write(http::Method::post, "/swap-indexes", R"([{"indexes":["a","b"]}])")["status"],
              "\"succeeded\"");
    EXPECT_EQ(get("/indexes/a/documents")["results"], R"([{"id":2}])");
    EXPECT_EQ(get("/tasks/0")["indexUid"], "\"b\"");
}

TEST_F(DevNodeTest, ErrorsOfAMultiSearchNameTheQuery) {
    start();
    write(http::Method::post, "/indexes", R"({"uid":"a"})");
    const auto reply =
        call(http::Method::post, "/multi-search", R"({"queries":[{"indexUid":"a"},{"indexUid":"x"}]})");
    EXPECT_EQ(reply.status, 400);
    EXPECT_EQ(reply["message"], "\"Inside `.queries[1]`: Index `x` not found.\"");
}

TEST_F(DevNodeTest, UnknownRoutesHaveNoBody) {
    start();
    EXPECT_EQ(get("/nothing").status, 404);
    EXPECT_EQ(call(http::Method::put, "/indexes").status, 405);
    EXPECT_EQ(get("/nothing").body, "");
}

}  // namespace
}  // namespace miroir::devnode
