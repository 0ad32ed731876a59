#include "miroir/membership/fleet_watch.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "fake_cluster.hpp"
#include "miroir/http/server.hpp"

namespace miroir::membership {
namespace {

using testing::IsEmpty;

// A node that answers over a socket what an inspection asks for.
struct NodeOverHttp {
    explicit NodeOverHttp(Executor executor) {
        auto handler = [this](http::Request request) { return answer(std::move(request)); };
        auto renderer = [](http::ServerFault, const http::Request&, std::string) { return http::Response{}; };
        server = http::start_server({executor}, {}, handler, renderer, null_log(), null_metrics());
    }

    Async<http::Response> answer(http::Request request) {
        asked.push_back(request.path);
        if (request.path == "/health") co_return http::json_response(R"({"status":"available"})");
        if (request.path == "/version") co_return http::json_response(R"({"pkgVersion":"1.50.0"})");
        if (request.path == "/indexes") co_return http::json_response(indexes);
        const auto uid = std::to_string(newest_task);
        co_return http::json_response(R"({"results":[{"uid":)" + uid + "}]}");
    }

    std::string indexes = R"({"results":[{"uid":"physical-1"},{"uid":"physical-2"}]})";
    int newest_task = 50;
    std::vector<std::string> asked;
    std::unique_ptr<http::Server> server;
};

struct FleetWatchTest : testing::Test {
    test::FakeCluster cluster{{"a", "b"}};
    NodeOverHttp node{cluster.loop.executor()};
    nodes::HttpNodeClient client{{}, system_clock(), null_metrics()};
    std::set<cluster::CopyRef> dirty_when_admitted;
    bool admitted = false;

    FleetWatchTest() {
        auto topology = cluster.snapshots.current()->topology;
        topology.nodes[0].url = "http://127.0.0.1:" + std::to_string(node.server->port());
        cluster.loop.run(cluster.sqlite->topology().replace(1, topology));
        cluster.make_index("books", "physical-1", 2);
        cluster.make_index("drafts", "physical-2", 2);
        cluster.loop.run(cluster.sqlite->node_memory().saw_task(NodeId("a"), 40));
    }

    static Async<void> until(const bool* condition) {
        while (!*condition) {
            co_await runtime::sleep_for(std::chrono::milliseconds(1));
        }
    }

    // Watches until the node is in service.
    void watch() {
        FleetWatch watch(cluster.store, cluster.snapshots, client, {}, cluster.loop.executor(), null_log(),
                         null_metrics());
        watch.on_return([this](const NodeId& id) {
            EXPECT_EQ(id, NodeId("a"));
            EXPECT_TRUE(client.usable(id));
            dirty_when_admitted = cluster.snapshots.current()->dirty;
            admitted = true;
        });
        watch.start();
        EXPECT_FALSE(client.usable(NodeId("a")));
        cluster.loop.run(until(&admitted));
        EXPECT_EQ(watch.status(NodeId("a")).version, "1.50.0");
        cluster.loop.run(watch.stop());
    }

    static std::set<cluster::CopyRef> copies_on_a(const std::string& physical) {
        return {{PhysicalIndexUid(physical), 0, NodeId("a")}, {PhysicalIndexUid(physical), 1, NodeId("a")}};
    }
};

TEST_F(FleetWatchTest, ANodeWithTheDiskThatIsRememberedServesAtOnce) {
    watch();
    EXPECT_THAT(dirty_when_admitted, IsEmpty());
    EXPECT_THAT(cluster.snapshots.current()->stale_settings, IsEmpty());
}

TEST_F(FleetWatchTest, ALostIndexIsDirtyAsAWholeBeforeTheNodeServes) {
    node.indexes = R"({"results":[{"uid":"physical-2"}]})";
    watch();
    EXPECT_EQ(dirty_when_admitted, copies_on_a("physical-1"));
    for (const auto& copy : dirty_when_admitted) {
        EXPECT_TRUE(cluster.loop.run(cluster.store.ledger().find(copy))->all);
    }
    const std::pair<PhysicalIndexUid, NodeId> lost{PhysicalIndexUid("physical-1"), NodeId("a")};
    EXPECT_THAT(cluster.snapshots.current()->stale_settings, testing::ElementsAre(lost));
}

TEST_F(FleetWatchTest, AnOlderDiskMakesEveryCopyDirtyBeforeTheNodeServes) {
    node.newest_task = 39;
    watch();
    auto all = copies_on_a("physical-1");
    all.merge(copies_on_a("physical-2"));
    EXPECT_EQ(dirty_when_admitted, all);
    // Its tasks are counted from where this disk is.
    const auto memory = cluster.loop.run(cluster.store.node_memory().all());
    ASSERT_EQ(memory.size(), 1U);
    EXPECT_EQ(memory[0].newest_task, 39);
}

}  // namespace
}  // namespace miroir::membership
