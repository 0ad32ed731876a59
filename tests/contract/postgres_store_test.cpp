#include "miroir/stores/postgres/store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <latch>
#include <thread>

#include "commit_cutter.hpp"
#include "lost_reply.hpp"
#include "miroir/coordination/store_error.hpp"
#include "run_async.hpp"
#include "test_postgres.hpp"

namespace miroir::stores {
namespace {

using contract::TestPostgres;
using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

std::string refusal(const std::string& url, PostgresStoreOptions options = {}) {
    try {
        open_postgres_store(url, options);
    } catch (const std::runtime_error& error) {
        return error.what();
    }
    return "opened";
}

class PostgresStore : public testing::Test {
protected:
    void SetUp() override {
        if (!TestPostgres::is_there()) GTEST_SKIP() << "MIROIR_TEST_POSTGRES names no server";
        database_.emplace();
    }
    std::optional<TestPostgres> database_;
};

TEST_F(PostgresStore, TellsWhatItIs) {
    const auto store = open_postgres_store(database_->url());
    EXPECT_EQ(store->backend(), "postgres");
    EXPECT_EQ(store->mode(), "shared");
    EXPECT_EQ(run(store->incarnation()).size(), 32U);
}

TEST_F(PostgresStore, ReplicasThatStartTogetherMakeOneSchema) {
    constexpr std::size_t replicas = 6;
    std::latch start(replicas);
    std::vector<std::string> incarnations(replicas);
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < replicas; ++i) {
        threads.emplace_back([&, i] {
            start.arrive_and_wait();
            PostgresStoreOptions options;
            options.connections = 2;
            incarnations[i] = run(open_postgres_store(database_->url(), options)->incarnation());
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_THAT(incarnations, testing::Each(incarnations.front()));
    EXPECT_EQ(database_->value("SELECT COUNT(*) FROM schema_version"), "1");
}

TEST_F(PostgresStore, ANewerSchemaIsRefused) {
    open_postgres_store(database_->url());
    database_->run("UPDATE schema_version SET version = 1000");
    EXPECT_THAT(refusal(database_->url()), HasSubstr("schema version 1000"));
}

TEST_F(PostgresStore, AStartDoesNotWaitForEver) {
    open_postgres_store(database_->url());
    const std::string key = std::to_string(0x6d69726f69720100);
    std::thread holder([&] { database_->run("SELECT pg_advisory_lock(" + key + "), pg_sleep(3)"); });
    const std::string held =
        "SELECT COUNT(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = " + std::to_string(0x69720100);
    while (database_->value(held) == "0") std::this_thread::yield();
    PostgresStoreOptions options;
    options.migration_timeout = 300ms;
    EXPECT_THAT(refusal(database_->url(), options), HasSubstr("another replica"));
    EXPECT_EQ(refusal(database_->url()), "opened") << "once the other one is done";
    holder.join();
}

TEST_F(PostgresStore, ConnectionsThatBrokeAreMadeAnew) {
    const auto store = open_postgres_store(database_->url());
    run(store->node_memory().saw_task(NodeId("a"), 1));
    database_->run(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
        "AND application_name = 'miroir'");
    std::size_t failed = 0;
    for (int tries = 0; tries < 30; ++tries) {
        try {
            run(store->node_memory().saw_task(NodeId("a"), 2));
            break;
        } catch (const coordination::StoreUnavailable&) {
            ++failed;
        }
    }
    EXPECT_LE(failed, 8U) << "each connection fails once";
    EXPECT_EQ(run(store->node_memory().all())[0].newest_task, 2);
}

TEST_F(PostgresStore, ALostReplyToACommitLeavesTheWholeStepDone) {
    contract::CommitCutter cutter(TestPostgres::server_port());
    const auto store = open_postgres_store(database_->url_through(cutter.port()));
    contract::expect_whole_steps_after_lost_replies(*store, cutter);
}

TEST_F(PostgresStore, TextsMayHoldAnyByte) {
    const auto store = open_postgres_store(database_->url());
    const std::string text(
        "a\0b\x01"
        "c\x01",
        6);
    run(store->secrets().keep("odd", text));
    EXPECT_EQ(run(store->secrets().find("odd")), text);
}

TEST_F(PostgresStore, AStepIsUndoneWhenOneOfItsPartsFails) {
    const auto store = open_postgres_store(database_->url());
    run(store->topology().replace(0, {}));
    database_->run("ALTER TABLE task_parts ADD CONSTRAINT no_parts CHECK (node <> 'a')");
    coordination::EntryDraft draft;
    draft.replica = ReplicaId("r");
    run(store->peers().beat({draft.replica, "1"}, std::chrono::hours(1)));
    draft.plan.epoch = 1;
    draft.plan.index = LogicalIndexUid("books");
    draft.plan.targets = {{NodeId("a"), {0}}};
    EXPECT_THROW(run(store->journal().open(draft)), coordination::StoreUnavailable);
    EXPECT_TRUE(run(store->journal().unfinished()).empty());
    EXPECT_EQ(run(store->tasks().find(0)), std::nullopt);
    draft.plan.targets = {{NodeId("b"), {0}}};
    EXPECT_EQ(std::get<coordination::OpenEntry>(run(store->journal().open(draft))).uid(), 0U);
}

TEST(PostgresUrl, MessagesDoNotTellThePassword) {
    PostgresStoreOptions options;
    options.connect_timeout = 2s;
    for (const char* url :
         {"postgres://me:hunter2@127.0.0.1:1/db", "postgres://me:hunter2@no.such.host.invalid/db",
          "postgres://me:hunter%32@127.0.0.1:1/db?connect_timeout=2",
          "postgres://127.0.0.1:1/db?user=me&password=hunter2",
          "postgres://me:hunter2@127.0.0.1:1/db?no_such_parameter=1",
          "postgres://me:hun%zzhunter2@127.0.0.1:1/db", "redis://me:hunter2@127.0.0.1"}) {
        const auto text = refusal(url, options);
        EXPECT_NE(text, "opened") << url;
        EXPECT_THAT(text, Not(HasSubstr("hunter"))) << url;
    }
    EXPECT_THAT(refusal("postgres://me@127.0.0.1:1/db"), HasSubstr("127.0.0.1"));
}

}  // namespace
}  // namespace miroir::stores
