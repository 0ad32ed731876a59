#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "miroir/api/document_handler.hpp"
#include "miroir/api/settings_handler.hpp"
#include "operations_fixture.hpp"

namespace miroir::api {
namespace {

using cluster::SettingsPhase;
using testing::HasSubstr;

constexpr const char* version_header = "x-miroir-settings-version";
constexpr const char* inconsistent_header = "x-miroir-settings-inconsistent";

struct SettingsStateTest : OperationsFixture {
    SettingsCache cache;
    SearchHandler search{cluster.snapshots, scatter, cache, {}, null_metrics()};
    DocumentHandler documents{cluster.snapshots, scatter, cache, {}};
    SettingsHandler index_settings{cluster.snapshots, operations, control};
    const PhysicalIndexUid books{"physical-1"};

    SettingsStateTest() : OperationsFixture({"a", "b"}) {
        cluster.make_index("books", "physical-1");
        cluster.make_index("drafts", "physical-2");
    }

    // Commits the same settings once more.
    void commit(const std::string& uid, std::vector<NodeId> applied_by) {
        const auto index = cluster.index(uid);
        cluster.loop.run(
            cluster.sqlite->catalog().set_settings(index->logical, index->generation, index->settings_json));
        std::vector<coordination::AppliedSettings> applied;
        for (const auto& node : applied_by) {
            applied.push_back({index->physical, node, index->settings_version + 1});
        }
        cluster.loop.run(cluster.sqlite->settings_versions().record(applied));
        cluster.refresh();
    }

    static http::Request a_request(const std::string& floor, const std::string& body = "") {
        http::Request request;
        request.path_parameters = {{"uid", "books"}, {"id", "1"}};
        request.body = body;
        request.body.reserve(body.size() + 64);
        if (!body.empty()) request.headers.emplace_back("content-type", "application/json");
        if (!floor.empty()) request.headers.emplace_back("X-Miroir-Min-Settings-Version", floor);
        return request;
    }

    // The answers of every read of the index `books`; the last one reads `drafts` too.
    std::vector<Result<http::Response>> reads(const std::string& floor) {
        std::vector<Result<http::Response>> answers;
        answers.push_back(cluster.loop.run(search.post(a_request(floor, "{}"), {})));
        answers.push_back(cluster.loop.run(search.get(a_request(floor), {})));
        answers.push_back(cluster.loop.run(documents.list(a_request(floor), {})));
        answers.push_back(cluster.loop.run(documents.fetch(a_request(floor, "{}"), {})));
        answers.push_back(cluster.loop.run(index_settings.get(a_request(floor), "")));
        const std::string both = R"({"queries":[{"indexUid":"books"},{"indexUid":"drafts"}]})";
        answers.push_back(cluster.loop.run(search.multi(a_request(floor, both), {})));
        return answers;
    }
};

std::string header(const Result<http::Response>& answer, const char* name) {
    const auto* value = answer ? http::find_header(answer.value().headers, name) : nullptr;
    return value == nullptr ? "" : *value;
}

TEST_F(SettingsStateTest, ReadsTellTheCommittedVersion) {
    for (const auto& answer : reads("")) {
        EXPECT_EQ(header(answer, version_header), "1");
        EXPECT_EQ(header(answer, inconsistent_header), "");
    }
    commit("books", {NodeId("a"), NodeId("b")});
    const auto answers = reads("");
    for (std::size_t i = 0; i + 1 < answers.size(); ++i) EXPECT_EQ(header(answers[i], version_header), "2");
    EXPECT_EQ(header(answers.back(), version_header), "1");
}

TEST_F(SettingsStateTest, ReadsDuringAChangeSayThatNodesMayDiffer) {
    for (const auto phase : {SettingsPhase::changing, SettingsPhase::divergent}) {
        cluster.snapshots.set_settings_phase(books, phase);
        cluster.refresh();
        for (const auto& answer : reads("")) {
            EXPECT_EQ(header(answer, version_header), "");
            EXPECT_EQ(header(answer, inconsistent_header), "true");
        }
    }
    cluster.snapshots.set_settings_phase(books, std::nullopt);
    for (const auto& answer : reads("")) EXPECT_EQ(header(answer, inconsistent_header), "");
}

TEST_F(SettingsStateTest, AChangeThatBeginsDuringASearchIsTold) {
    cluster.nodes.before = [&](const test::FakeCall&) -> Async<void> {
        cluster.snapshots.set_settings_phase(books, SettingsPhase::changing);
        co_return;
    };
    const auto answer = cluster.loop.run(search.post(a_request("", "{}"), {}));
    EXPECT_EQ(header(answer, inconsistent_header), "true");
}

TEST_F(SettingsStateTest, AFloorThatNoNodeReachesIsRefused) {
    commit("books", {NodeId("a")});
    cluster.nodes.calls.clear();
    for (const auto& answer : reads("3")) {
        ASSERT_FALSE(answer);
        EXPECT_EQ(answer.error().code, "miroir_settings_version_stale");
        EXPECT_EQ(answer.error().status, 503);
    }
    EXPECT_TRUE(cluster.nodes.calls.empty());
    const auto one = cluster.loop.run(documents.get_one(a_request("3"), {}));
    ASSERT_FALSE(one);
    EXPECT_EQ(one.error().code, "miroir_settings_version_stale");
}

TEST_F(SettingsStateTest, NodesBelowTheFloorAreNotAsked) {
    commit("books", {NodeId("a")});
    cluster.nodes.calls.clear();
    EXPECT_TRUE(cluster.loop.run(search.post(a_request("2", "{}"), {})));
    ASSERT_FALSE(cluster.nodes.calls.empty());
    for (const auto& call : cluster.nodes.calls) EXPECT_EQ(call.node, NodeId("a"));
}

TEST_F(SettingsStateTest, WhenEveryNodeIsBehindAFloorIsRefused) {
    commit("books", {});
    const auto answer = cluster.loop.run(search.post(a_request("2", "{}"), {}));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, "miroir_settings_version_stale");
}

TEST_F(SettingsStateTest, AMalformedFloorIsNamed) {
    for (const auto* floor : {"-1", "x", "1.0", "18446744073709551616", " "}) {
        for (const auto& answer : reads(floor)) {
            ASSERT_FALSE(answer) << floor;
            EXPECT_EQ(answer.error().code, "miroir_invalid_header");
            EXPECT_THAT(answer.error().message, HasSubstr("X-Miroir-Min-Settings-Version"));
        }
    }
}

}  // namespace
}  // namespace miroir::api
