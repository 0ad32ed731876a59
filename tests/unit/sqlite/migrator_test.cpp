#include "miroir/sqlite/migrator.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "temporary_folder.hpp"

namespace miroir::sqlite {
namespace {

using namespace std::chrono_literals;

const std::vector<Migration> two_steps = {
    {1, "first", "CREATE TABLE t (a); INSERT INTO t VALUES (1);"},
    {2, "second", "ALTER TABLE t ADD COLUMN b DEFAULT 5; INSERT INTO t (a) VALUES (2);"}};

std::int64_t number(Connection& connection, const char* sql) {
    Statement row = connection.query(sql);
    row.step();
    return row.integer(0);
}

TEST(Migrate, RunsEachStepOnce) {
    Connection connection(":memory:");
    migrate(connection, {two_steps.front()});
    EXPECT_EQ(number(connection, "SELECT COUNT(*) FROM t"), 1);
    migrate(connection, two_steps);
    migrate(connection, two_steps);
    EXPECT_EQ(number(connection, "SELECT COUNT(*) FROM t"), 2);
    EXPECT_EQ(number(connection, "SELECT SUM(b) FROM t"), 10);
}

TEST(Migrate, AFaultLeavesTheSchemaAsItWas) {
    Connection connection(":memory:");
    migrate(connection, {two_steps.front()});
    auto broken = two_steps;
    broken.push_back({3, "third", "CREATE TABLE u (a); SELECT nonsense FROM nowhere;"});
    EXPECT_THROW(migrate(connection, broken), Error);
    EXPECT_EQ(number(connection, "PRAGMA user_version"), 1);
    EXPECT_EQ(number(connection, "SELECT COUNT(*) FROM sqlite_schema WHERE name = 'u'"), 0);
    EXPECT_EQ(number(connection, "SELECT COUNT(*) FROM t"), 1);
}

TEST(Migrate, RefusesANewerSchemaAndSaysWhatToDo) {
    Connection connection(":memory:");
    migrate(connection, two_steps);
    try {
        migrate(connection, {two_steps.front()});
        FAIL() << "accepted";
    } catch (const SchemaTooNew& error) {
        const std::string text = error.what();
        EXPECT_NE(text.find("schema version 2"), std::string::npos) << text;
        EXPECT_NE(text.find("up to 1"), std::string::npos) << text;
        EXPECT_NE(text.find("newer program"), std::string::npos) << text;
    }
}

TEST(Migrate, OnlyOneOfManyStartersMigrates) {
    const TemporaryFolder folder;
    const std::string path = folder.path() / "a.db";
    std::vector<std::thread> starters;
    for (int i = 0; i < 4; ++i) {
        starters.emplace_back([&path] {
            Connection connection(path, {.durable = false});
            migrate(connection, two_steps);
        });
    }
    for (auto& starter : starters) starter.join();
    Connection connection(path);
    EXPECT_EQ(number(connection, "SELECT COUNT(*) FROM t"), 2);
}

TEST(Migrate, GivesUpWhenTheLockIsHeldTooLong) {
    const TemporaryFolder folder;
    Connection holder(folder.path() / "a.db");
    Connection starter(folder.path() / "a.db", {.lock_wait = 1ms});
    holder.run("BEGIN IMMEDIATE");
    try {
        migrate(starter, two_steps);
        FAIL() << "migrated without the lock";
    } catch (const Error& error) {
        EXPECT_TRUE(error.is_busy());
    }
}

}  // namespace
}  // namespace miroir::sqlite
