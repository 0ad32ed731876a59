#include "miroir/sqlite/connection.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

namespace miroir::sqlite {

namespace {

// The database is to hold keys: SQLite itself would make it readable by everyone.
void make_private_file(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file >= 0) ::close(file);
}

}  // namespace

bool Error::is_busy() const {
    return (code & 0xff) == SQLITE_BUSY || (code & 0xff) == SQLITE_LOCKED;
}

Connection::Connection(const std::string& path, Options options) {
    if (path != ":memory:") make_private_file(path);
    constexpr int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    try {
        if (sqlite3_open_v2(path.c_str(), &handle_, flags, nullptr) != SQLITE_OK) fail("open " + path);
        sqlite3_extended_result_codes(handle_, 1);
        sqlite3_busy_timeout(handle_, static_cast<int>(options.lock_wait.count()));
        run_script("PRAGMA journal_mode = WAL; PRAGMA foreign_keys = ON;");
        run_script(options.durable ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
    } catch (...) {
        sqlite3_close(handle_);
        throw;
    }
}

Connection::~Connection() {
    for (const auto& [sql, statement] : idle_statements_) sqlite3_finalize(statement);
    sqlite3_close(handle_);
}

void Connection::run_script(const std::string& sql) {
    if (sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) fail("run a script");
}

sqlite3_stmt* Connection::borrow(const std::string& sql) {
    if (const auto idle = idle_statements_.find(sql); idle != idle_statements_.end()) {
        sqlite3_stmt* statement = idle->second;
        idle_statements_.erase(idle);
        return statement;
    }
    sqlite3_stmt* statement = nullptr;
    const auto length = static_cast<int>(sql.size());
    if (sqlite3_prepare_v3(handle_, sql.data(), length, SQLITE_PREPARE_PERSISTENT, &statement, nullptr) !=
        SQLITE_OK) {
        fail("prepare: " + sql);
    }
    return statement;
}

void Connection::give_back(std::string sql, sqlite3_stmt* statement) {
    constexpr std::size_t idle_max = 200;
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    if (idle_statements_.size() >= idle_max || !idle_statements_.emplace(std::move(sql), statement).second)
        sqlite3_finalize(statement);
}

std::int64_t Connection::finish(Statement& statement) {
    while (statement.step()) {
    }
    return changed_rows();
}

std::int64_t Connection::changed_rows() const {
    return sqlite3_changes64(handle_);
}

void Connection::fail(const std::string& doing) const {
    const int code = sqlite3_extended_errcode(handle_);
    throw Error(code, "SQLite could not " + doing + ": " + sqlite3_errmsg(handle_));
}

}  // namespace miroir::sqlite
