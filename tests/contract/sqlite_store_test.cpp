#include "miroir/stores/sqlite/store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "miroir/coordination/store_error.hpp"
#include "miroir/sqlite/connection.hpp"
#include "run_async.hpp"
#include "temporary_folder.hpp"

namespace miroir::stores {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class SqliteStore : public testing::Test {
protected:
    std::string path() const { return folder_.path() / "data" / "miroir.db"; }
    std::string url() const { return "sqlite://" + path(); }

    std::string refusal(const std::string& url) {
        try {
            open_sqlite_store(url);
        } catch (const std::runtime_error& error) {
            return error.what();
        }
        return "opened";
    }

    TemporaryFolder folder_;
};

TEST_F(SqliteStore, TellsWhatItIs) {
    const auto store = open_sqlite_store(url());
    EXPECT_EQ(store->backend(), "sqlite");
    EXPECT_EQ(store->mode(), "single-process");
}

TEST_F(SqliteStore, ASecondReplicaIsToldWhatToDo) {
    {
        const auto store = open_sqlite_store(url());
        const auto text = refusal(url());
        EXPECT_THAT(text, HasSubstr(path() + " is in use by another replica (process "));
        EXPECT_THAT(text, HasSubstr("MIROIR_COORDINATION_URL"));
        EXPECT_THAT(text, HasSubstr("postgres://"));
    }
    EXPECT_EQ(refusal(url()), "opened") << "the lock ends with its store";
}

TEST_F(SqliteStore, OtherUrlsAreRefused) {
    for (const char* wrong : {"sqlite://", "sqlite:///", "sqlite://./", "sqlite://data/miroir.db",
                              "postgres://localhost/miroir", "/var/lib/miroir.db", ""}) {
        EXPECT_THAT(refusal(wrong), HasSubstr("sqlite:///absolute/path")) << wrong;
    }
}

TEST_F(SqliteStore, AFolderThatCannotBeMadeIsNamed) {
    EXPECT_THAT(refusal("sqlite:///proc/none/miroir.db"), HasSubstr("/proc/none"));
}

TEST_F(SqliteStore, ANewerSchemaIsRefused) {
    open_sqlite_store(url());
    sqlite::Connection(path()).run_script("PRAGMA user_version = 1000");
    EXPECT_THAT(refusal(url()), HasSubstr("schema version 1000"));
}

TEST_F(SqliteStore, AStepThatCannotBeDoneSaysTheStoreIsUnavailable) {
    SqliteStoreOptions options;
    options.lock_wait = 1ms;
    const auto store = open_sqlite_store(url(), options);
    sqlite::Connection backup(path());
    backup.run("BEGIN IMMEDIATE");
    EXPECT_THROW(run(store->node_memory().saw_task(NodeId("a"), 1)), coordination::StoreUnavailable);
    EXPECT_TRUE(run(store->node_memory().all()).empty()) << "reading goes on";
    backup.run("COMMIT");
    run(store->node_memory().saw_task(NodeId("a"), 1));
    EXPECT_EQ(run(store->node_memory().all()).size(), 1U);
}

TEST_F(SqliteStore, ABrokenRowSaysTheStoreIsUnavailable) {
    const auto store = open_sqlite_store(url());
    run(store->topology().replace(0, {}));
    sqlite::Connection(path()).run("UPDATE topology SET body = 'nonsense'");
    EXPECT_THROW(run(store->topology().load()), coordination::StoreUnavailable);
}

TEST_F(SqliteStore, AStepIsUndoneWhenOneOfItsPartsFails) {
    const auto store = open_sqlite_store(url());
    run(store->topology().replace(0, {}));
    sqlite::Connection saboteur(path());
    saboteur.run("CREATE TRIGGER no_parts BEFORE INSERT ON task_parts BEGIN SELECT RAISE(ABORT, 'no'); END");
    coordination::EntryDraft draft;
    draft.plan.epoch = 1;
    draft.replica = ReplicaId("r");
    run(store->peers().beat({draft.replica, "1"}, std::chrono::hours(1)));
    draft.plan.index = LogicalIndexUid("books");
    draft.plan.targets = {{NodeId("a"), {0}}};
    EXPECT_THROW(run(store->journal().open(draft)), coordination::StoreUnavailable);
    EXPECT_TRUE(run(store->journal().unfinished()).empty());
    EXPECT_EQ(run(store->tasks().find(0)), std::nullopt);

    saboteur.run("DROP TRIGGER no_parts");
    EXPECT_EQ(std::get<coordination::OpenEntry>(run(store->journal().open(draft))).uid(), 0U);
    saboteur.run(
        "CREATE TRIGGER no_marks BEFORE INSERT ON dirty_copies BEGIN SELECT RAISE(ABORT, 'no'); END");
    coordination::EntryOutcome outcome;
    outcome.targets = {{NodeId("a"), coordination::TargetResult::unknown, {}, ""}};
    outcome.dirty.emplace_back();
    EXPECT_THROW(run(store->journal().close(0, draft.replica, outcome)), coordination::StoreUnavailable);
    EXPECT_EQ(run(store->journal().still_open({0})).size(), 1U);
    EXPECT_EQ(run(store->tasks().parts(0))[0].result, "planned");
}

}  // namespace
}  // namespace miroir::stores
