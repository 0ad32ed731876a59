#include "miroir/sqlite/connection.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "miroir/sqlite/transaction.hpp"
#include "temporary_folder.hpp"

namespace miroir::sqlite {
namespace {

using namespace std::chrono_literals;

std::int64_t count(Connection& connection) {
    Statement rows = connection.query("SELECT COUNT(*) FROM t");
    rows.step();
    return rows.integer(0);
}

TEST(SqliteStatement, ValuesComeBackAsTheyWere) {
    Connection connection(":memory:");
    connection.run("CREATE TABLE t (a, b, c, d)");
    const std::string text("nul \0 inside", 12);
    const std::optional<std::int64_t> none;
    connection.run("INSERT INTO t VALUES (?, ?, ?, ?)", std::int64_t{-9'223'372'036'854'775'807}, text, none,
                   std::string_view());

    Statement row = connection.query("SELECT a, b, c, d FROM t");
    ASSERT_TRUE(row.step());
    EXPECT_EQ(row.integer(0), -9'223'372'036'854'775'807);
    EXPECT_EQ(row.text(1), text);
    EXPECT_TRUE(row.is_null(2));
    EXPECT_EQ(row.optional_text(2), std::nullopt);
    EXPECT_EQ(row.optional_integer(2), std::nullopt);
    EXPECT_EQ(row.optional_text(3), "");
    EXPECT_FALSE(row.step());
}

TEST(SqliteStatement, TheSameTextMayRunInsideItself) {
    Connection connection(":memory:");
    connection.run("CREATE TABLE t (a)");
    connection.run("INSERT INTO t VALUES (1), (2)");
    int pairs = 0;
    Statement outer = connection.query("SELECT a FROM t");
    while (outer.step()) {
        Statement inner = connection.query("SELECT a FROM t");
        while (inner.step()) ++pairs;
    }
    EXPECT_EQ(pairs, 4);
}

TEST(SqliteStatement, ALeftoverBindingDoesNotReachTheNextRun) {
    Connection connection(":memory:");
    connection.run("CREATE TABLE t (a)");
    connection.run("INSERT INTO t VALUES (?)", 7);
    connection.run("INSERT INTO t VALUES (?)");
    Statement nulls = connection.query("SELECT COUNT(*) FROM t WHERE a IS NULL");
    ASSERT_TRUE(nulls.step());
    EXPECT_EQ(nulls.integer(0), 1);
}

TEST(SqliteConnection, TellsHowManyRowsChanged) {
    Connection connection(":memory:");
    connection.run("CREATE TABLE t (a)");
    EXPECT_EQ(connection.run("INSERT INTO t VALUES (1), (2), (3)"), 3);
    EXPECT_EQ(connection.run("UPDATE t SET a = 0 WHERE a > ?", 1), 2);
    EXPECT_EQ(connection.run("DELETE FROM t WHERE a = 9"), 0);
}

TEST(SqliteConnection, AFaultNamesTheStatement) {
    Connection connection(":memory:");
    try {
        connection.run("SELECT nothing FROM nowhere");
        FAIL() << "no fault";
    } catch (const Error& error) {
        EXPECT_NE(std::string(error.what()).find("nowhere"), std::string::npos) << error.what();
        EXPECT_FALSE(error.is_busy());
    }
}

TEST(SqliteConnection, AFolderThatDoesNotExistIsAFault) {
    EXPECT_THROW(Connection("/nonexistent/folder/file.db"), Error);
}

TEST(SqliteConnection, OnlyTheOwnerMayReadTheFile) {
    const TemporaryFolder folder;
    const std::string path = folder.path() / "private.db";
    Connection connection(path);
    connection.run("CREATE TABLE t (a)");
    for (const char* suffix : {"", "-wal", "-shm"}) {
        struct stat info {};
        ASSERT_EQ(::stat((path + suffix).c_str(), &info), 0) << suffix;
        EXPECT_EQ(info.st_mode & 0777, 0600U) << suffix;
    }
}

TEST(SqliteConnection, IsDurableUnlessToldOtherwise) {
    const TemporaryFolder folder;
    const auto pragma = [](Connection& connection, const char* name) {
        Statement row = connection.query(std::string("PRAGMA ") + name);
        row.step();
        return row.text(0);
    };
    Connection durable(folder.path() / "a.db");
    EXPECT_EQ(pragma(durable, "journal_mode"), "wal");
    EXPECT_EQ(pragma(durable, "synchronous"), "2");
    Connection fast(folder.path() / "b.db", {.durable = false});
    EXPECT_EQ(pragma(fast, "synchronous"), "1");
}

TEST(SqliteTransaction, IsUndoneUnlessCommitted) {
    Connection connection(":memory:");
    connection.run("CREATE TABLE t (a)");
    {
        Transaction transaction(connection);
        connection.run("INSERT INTO t VALUES (1)");
    }
    EXPECT_EQ(count(connection), 0);
    {
        Transaction transaction(connection);
        connection.run("INSERT INTO t VALUES (1)");
        transaction.commit();
    }
    EXPECT_EQ(count(connection), 1);
}

TEST(SqliteTransaction, WaitsForAnotherWriterOnlySoLong) {
    const TemporaryFolder folder;
    Connection first(folder.path() / "a.db");
    Connection second(folder.path() / "a.db", {.lock_wait = 1ms});
    const Transaction held(first);
    try {
        const Transaction refused(second);
        FAIL() << "two writers";
    } catch (const Error& error) {
        EXPECT_TRUE(error.is_busy());
    }
}

TEST(SqliteTransaction, AFullDiskUndoesItAndTheConnectionGoesOn) {
    Connection connection(":memory:");
    connection.run("CREATE TABLE t (a)");
    connection.run("INSERT INTO t VALUES (1)");
    connection.run_script("PRAGMA max_page_count = 10");
    const std::string large(100'000, 'x');
    {
        Transaction transaction(connection);
        EXPECT_THROW(connection.run("INSERT INTO t VALUES (?)", large), Error);
    }
    EXPECT_EQ(count(connection), 1);
    Transaction transaction(connection);
    connection.run("INSERT INTO t VALUES (2)");
    transaction.commit();
    EXPECT_EQ(count(connection), 2);
}

}  // namespace
}  // namespace miroir::sqlite
