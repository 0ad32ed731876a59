#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "miroir/api/endpoints.hpp"
#include "miroir/cluster/placement.hpp"
#include "miroir/meili/markers.hpp"
#include "operations_fixture.hpp"

namespace miroir::api {
namespace {

using nlohmann::ordered_json;
using test::FakeCall;
using test::FakeReaction;
using testing::Each;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// Gives everybody what the test says.
struct FakeAuthenticator : auth::Authenticator {
    auth::Grant grant;
    Result<auth::Grant> authorize(const std::string*, std::string_view, const std::string*) const override {
        return grant;
    }
    Result<void> authorize_admin(const std::string*, const std::string*) const override { return ok(); }
};

const std::string settings =
    meili::apply(meili::default_settings_json(),
                 meili::parse_settings(R"({"filterableAttributes":["tenant","year"]})").value());

struct ReadRoutes : OperationsFixture {
    writes::DocumentWriter writer{
        cluster.store, cluster.snapshots, cluster.peers, cluster.fleet, cluster.nodes,
        lanes,         journal,           poller,        nullptr,       {},
        null_log(),    null_metrics()};
    FakeAuthenticator authenticator;
    SettingsCache cache;
    SearchHandler search{cluster.snapshots, scatter, cache, {}, null_metrics()};
    DocumentHandler documents{cluster.snapshots, scatter, cache, {}};
    DocumentWriteHandler document_writes{writer, control};
    IndexHandler indexes{cluster.snapshots, operations, control};
    SettingsHandler index_settings{cluster.snapshots, operations, control};
    StatsHandler stats{cluster.snapshots, scatter, cluster.nodes};
    TaskHandler tasks{cluster.store.tasks(), task_operations, control};
    KeyHandler keys{cluster.store.keys(), {"master", 100, nothing_to_tell}, control};
    SystemHandler system{cluster.snapshots, cluster.fleet, cluster.nodes};
    http::Router router =
        make_router({search, documents, document_writes, indexes, index_settings, stats, tasks, keys, system},
                    authenticator);
    http::Handler entrance = make_entrance(router, null_log(), null_metrics());

    ReadRoutes() : OperationsFixture({"a", "b", "c"}) {
        cluster.make_index("books", "physical-1", 4, settings);
        cluster.make_index("drafts", "physical-2", 4, settings);
        cluster.make_index("secret", "physical-3", 4, settings);
    }

    static Async<void> nothing_to_tell() { co_return; }

    http::Response ask(http::Method method, const std::string& target, const std::string& body = "") {
        http::Request request;
        request.method = method;
        request.path = target.substr(0, target.find('?'));
        request.query = target.find('?') == std::string::npos ? "" : target.substr(target.find('?') + 1);
        request.body = body;
        request.body.reserve(body.size() + 64);
        if (!body.empty()) request.headers.emplace_back("content-type", "application/json");
        cluster.nodes.calls.clear();
        auto response = cluster.loop.run(entrance(std::move(request)));
        EXPECT_THAT(response.body, Not(HasSubstr("physical-"))) << target;
        EXPECT_THAT(response.body, Not(HasSubstr("_miroir_"))) << target;
        for (const auto& [name, value] : response.headers) {
            EXPECT_THAT(name + value, Not(HasSubstr("physical-")));
        }
        return response;
    }
    http::Response get(const std::string& target) { return ask(http::Method::get, target); }
    http::Response post(const std::string& target, const std::string& body) {
        return ask(http::Method::post, target, body);
    }

    std::vector<std::string> bodies() const {
        std::vector<std::string> all;
        for (const auto& call : cluster.nodes.calls) all.push_back(call.body);
        return all;
    }

    // A document on every copy of its shard.
    void put(const std::string& id) {
        const auto index = cluster.index("books");
        const auto shard = cluster::shard_of(id, index->shards);
        ordered_json document{{"id", id}, {"_miroir_shard", meili::shard_marker(shard)}};
        document["_miroir_version"] = meili::version_marker({1, 0});
        for (const auto& copy : index->placement.shards[shard]) {
            cluster.nodes.by_id[copy.node].indexes["physical-1"].documents[id] = document;
        }
    }
};

TEST_F(ReadRoutes, EveryReadOfDocumentsIsNarrowedByTheGrantsFilter) {
    authenticator.grant.injected_filter = [](const LogicalIndexUid&) {
        return std::optional<std::string>(R"("tenant = 7")");
    };
    struct Route {
        http::Method method;
        std::string target;
        std::string body;
    };
    const Route routes[] = {
        {http::Method::post, "/indexes/books/search", "{}"},
        {http::Method::post, "/indexes/books/search", R"({"filter":"year = 1 OR year = 2"})"},
        {http::Method::post, "/indexes/books/search", R"({"filter":[["year = 1","tenant = 8"]],"page":1})"},
        {http::Method::get, "/indexes/books/search?q=x", ""},
        {http::Method::post, "/multi-search",
         R"({"queries":[{"indexUid":"books"},{"indexUid":"drafts","filter":"year = 1"}]})"},
        {http::Method::get, "/indexes/books/documents", ""},
        {http::Method::get, "/indexes/books/documents?filter=year%20%3D%201", ""},
        {http::Method::post, "/indexes/books/documents/fetch", R"({"filter":"year = 1"})"},
        {http::Method::post, "/indexes/books/documents/fetch", R"({"ids":["1"]})"},
    };
    for (const auto& route : routes) {
        EXPECT_EQ(ask(route.method, route.target, route.body).status, 200) << route.target;
        EXPECT_THAT(bodies(), Not(IsEmpty())) << route.target;
        for (const auto& body : bodies()) {
            // An element of its own in the filter's outer list: all of those must hold.
            const auto filter = ordered_json::parse(body)["filter"];
            ASSERT_TRUE(filter.is_array()) << body;
            EXPECT_TRUE(std::find(filter.begin(), filter.end(), "tenant = 7") != filter.end()) << body;
        }
    }
    put("1");
    EXPECT_EQ(get("/indexes/books/documents/1").status, 200);
    EXPECT_THAT(bodies(), Each(HasSubstr("tenant = 7")));
    EXPECT_THAT(bodies(), Not(IsEmpty()));
}

TEST_F(ReadRoutes, AnIndexThatTheGrantExcludesIsNotReadAndNotShown) {
    authenticator.grant.index_allowed = [](const LogicalIndexUid& uid) { return uid.str() != "secret"; };
    coordination::TaskDraft draft;
    draft.type = "indexCreation";
    draft.index_uid = "secret";
    const auto task = cluster.loop.run(cluster.store.tasks().add(draft, ReplicaId("r"), std::nullopt));
    const auto refused = [&](const http::Response& response) {
        EXPECT_EQ(response.status, 403) << response.body;
        EXPECT_THAT(response.body, HasSubstr("invalid_api_key"));
        EXPECT_THAT(cluster.nodes.calls, IsEmpty());
    };
    refused(post("/indexes/secret/search", "{}"));
    refused(get("/indexes/secret/search"));
    refused(post("/multi-search", R"({"queries":[{"indexUid":"secret"}]})"));
    refused(get("/indexes/secret/documents"));
    refused(get("/indexes/secret/documents/1"));
    refused(post("/indexes/secret/documents/fetch", "{}"));
    refused(get("/indexes/secret/stats"));
    refused(get("/indexes/secret"));
    refused(get("/indexes/secret/settings"));
    for (const auto* target : {"/indexes", "/stats", "/tasks"}) {
        const auto response = get(target);
        EXPECT_EQ(response.status, 200);
        EXPECT_THAT(response.body, Not(HasSubstr("secret"))) << target;
    }
    EXPECT_EQ(get("/tasks/" + std::to_string(task.uid)).status, 404);
    EXPECT_EQ(ordered_json::parse(get("/indexes").body)["total"], 2);
}

TEST_F(ReadRoutes, ARequestReadsOneSnapshotThoughItsIndexIsSwappedMeanwhile) {
    const std::pair<std::string, std::string> routes[] = {
        {"/indexes/books/search", "{}"},
        {"/indexes/books/documents/fetch", "{}"},
        {"/multi-search", R"({"queries":[{"indexUid":"books"},{"indexUid":"books","q":"x"}]})"}};
    for (const auto& [target, body] : routes) {
        const auto old = cluster.index("books")->physical.str();
        int arrived = 0;
        cluster.nodes.before = [&](const FakeCall&) -> Async<void> {
            if (arrived++ != 0) co_return;
            std::vector<coordination::NameSwap> swap = {
                {LogicalIndexUid("books"), LogicalIndexUid("drafts"), false}};
            co_await cluster.sqlite->catalog().swap(std::move(swap), 0);
            co_await cluster.snapshots.refresh();
        };
        // The call that saw the swap fails: its shards are asked for again.
        cluster.nodes.react = [&, failed = false](const FakeCall&) mutable {
            return std::exchange(failed, true) ? FakeReaction{} : FakeReaction::unsent();
        };
        EXPECT_EQ(post(target, body).status, 200) << target;
        EXPECT_GT(arrived, 1);
        for (const auto& call : cluster.nodes.calls) EXPECT_EQ(call.index(), old) << target;
        EXPECT_NE(cluster.index("books")->physical.str(), old);
    }
}

TEST_F(ReadRoutes, ANodeThatFailsIsReplacedByOtherCopies) {
    for (int i = 0; i < 20; ++i) put("k" + std::to_string(i));
    const FakeReaction failures[] = {FakeReaction::unsent(), FakeReaction::lost(true)};
    for (const auto& failure : failures) {
        for (const auto* bad : {"a", "b", "c"}) {
            cluster.nodes.react = [&](const FakeCall& call) {
                return call.node.str() == bad ? failure : FakeReaction{};
            };
            const auto list = post("/indexes/books/documents/fetch", R"({"limit":50})");
            EXPECT_EQ(list.status, 200);
            EXPECT_EQ(ordered_json::parse(list.body)["total"], 20) << bad;
            EXPECT_EQ(ordered_json::parse(list.body)["results"].size(), 20U) << bad;
        }
    }
}

TEST_F(ReadRoutes, ASlowNodeIsLeftForOtherCopiesAndWaitedForWhereThereAreNone) {
    for (int i = 0; i < 20; ++i) put("k" + std::to_string(i));
    for (const bool alone : {false, true}) {
        std::map<NodeId, int> asked;
        cluster.nodes.react = [&](const FakeCall& call) {
            auto slow = FakeReaction::lost(true);
            slow.failure = nodes::FailureKind::timed_out;
            return call.node.str() == "a" && asked[call.node]++ == 0 ? slow : FakeReaction{};
        };
        for (const auto* other : {"b", "c"}) cluster.nodes.by_id[NodeId(other)].away = alone;
        const auto list = post("/indexes/books/documents/fetch", R"({"limit":50})");
        EXPECT_EQ(list.status, 200);
        EXPECT_EQ(asked[NodeId("a")], alone ? 2 : 1);
        if (!alone) {
            EXPECT_EQ(ordered_json::parse(list.body)["total"], 20);
        }
    }
}

TEST_F(ReadRoutes, GarbageIsNeverAnEmptyResult) {
    const std::string garbage[] = {"",
                                   "[]",
                                   "{",
                                   "{}",
                                   R"({"hits":7})",
                                   R"({"results":{}})",
                                   R"({"results":[],"total":"x"})",
                                   R"({"hits":[7],"results":[7]})",
                                   "<html>"};
    for (const auto& text : garbage) {
        cluster.nodes.react = [&](const FakeCall&) {
            auto reaction = FakeReaction::garbage(false, text);
            reaction.status = 200;
            return reaction;
        };
        for (const auto* target : {"/indexes/books/search", "/indexes/books/documents/fetch"}) {
            const auto response = post(target, "{}");
            EXPECT_EQ(response.status, 503) << target << " " << text << " gave " << response.body;
        }
        EXPECT_EQ(get("/indexes/books/documents/1").status, 503) << text;
        EXPECT_EQ(get("/indexes/books/stats").status, 503) << text;
    }
}

TEST_F(ReadRoutes, WithoutAnyNodeNothingLooksEmpty) {
    for (auto& [id, node] : cluster.nodes.by_id) node.away = true;
    EXPECT_EQ(post("/indexes/books/search", "{}").status, 503);
    EXPECT_EQ(post("/multi-search", R"({"queries":[{"indexUid":"books"}]})").status, 503);
    EXPECT_EQ(get("/indexes/books/documents").status, 503);
    EXPECT_EQ(get("/indexes/books/documents/1").status, 503);
    EXPECT_EQ(get("/indexes/books/stats").status, 503);
    EXPECT_EQ(get("/stats").status, 503);
}

TEST_F(ReadRoutes, NoErrorOfANodeShowsWhatANodeCallsAnIndex) {
    const std::string error =
        R"({"message":"Index `physical-1`: Attribute `x` is not filterable. Available: )"
        R"(`_miroir_shard`, `_miroir_version`, `tenant`.","code":"invalid_search_filter",)"
        R"("type":"invalid_request","link":""})";
    cluster.nodes.react = [&](const FakeCall&) { return FakeReaction::refuse(400, error); };
    EXPECT_EQ(post("/indexes/books/search", "{}").status, 400);
    EXPECT_EQ(get("/indexes/books/search").status, 400);
    EXPECT_EQ(post("/multi-search", R"({"queries":[{"indexUid":"books"}]})").status, 400);
    EXPECT_EQ(post("/indexes/books/documents/fetch", "{}").status, 400);
}

TEST_F(ReadRoutes, ANodeThatLostTheIndexIsReportedAndReplaced) {
    for (int i = 0; i < 20; ++i) put("k" + std::to_string(i));
    cluster.nodes.by_id[NodeId("a")].indexes.clear();
    const auto list = post("/indexes/books/documents/fetch", R"({"limit":50})");
    EXPECT_EQ(ordered_json::parse(list.body)["total"], 20);
    EXPECT_THAT(lost_indexes, testing::Contains(NodeId("a")));
}

// Nodes keep two values of a facet; what they have not listed they say when they are asked for it by name.
TEST_F(ReadRoutes, FacetValuesThatANodesListLacksAreCountedAgain) {
    cluster.make_index("counted", "physical-4", 4,
                       meili::apply(settings, meili::parse_settings(R"({"faceting":{"maxValuesPerFacet":1,)"
                                                                    R"("sortFacetValuesBy":{"*":"count"}}})")
                                                  .value()));
    SearchOptions options;
    options.node_values_per_facet = 2;
    int first = 0;
    cluster.nodes.search_answer = [&](const FakeCall& call) {
        const bool again = call.body.find("IN [\\\"") != call.body.rfind("IN [\\\"");
        std::string counts = again ? R"({"c":4})" : first++ == 0 ? R"({"a":9,"b":5})" : R"({"c":6,"d":5})";
        if (again && call.body.find("year") == std::string::npos) counts = "{}";
        std::string body = R"({"hits":[],"query":"","processingTimeMs":1,"limit":0,"offset":0,)"
                           R"("estimatedTotalHits":20,"facetDistribution":{"year":)";
        body += counts + R"(},"facetStats":{}})";
        body.reserve(body.size() + 64);
        return body;
    };
    for (const std::uint64_t most : {0, 1000}) {
        first = 0;
        options.facet_recount_max = most;
        SearchHandler handler(cluster.snapshots, scatter, cache, options, null_metrics());
        http::Request request;
        request.method = http::Method::post;
        request.path_parameters.emplace_back("uid", "counted");
        request.headers.emplace_back("content-type", "application/json");
        request.body = R"({"limit":0,"facets":["year"]})";
        request.body.reserve(128);
        cluster.nodes.calls.clear();
        auto answer = cluster.loop.run(handler.post(std::move(request), auth::Grant{}));
        ASSERT_TRUE(answer);
        const std::string shown = most == 0 ? R"({"year":{"a":9}})" : R"({"year":{"c":10}})";
        EXPECT_THAT(answer.value().body, HasSubstr(shown));
    }
}

}  // namespace
}  // namespace miroir::api
