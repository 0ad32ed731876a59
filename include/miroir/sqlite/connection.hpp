#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>

#include "miroir/sqlite/error.hpp"
#include "miroir/sqlite/statement.hpp"

struct sqlite3;

namespace miroir::sqlite {

struct Options {
    // How long a statement waits for another connection's lock before it fails.
    std::chrono::milliseconds lock_wait{5000};
    // What is committed survives a power cut (synchronous=FULL); otherwise only a crash of the process.
    bool durable = true;
};

// One database in WAL mode. Used by one thread at a time. Every call throws Error.
class Connection {
public:
    // Makes the file (readable by its owner only) when it does not exist; ":memory:" is a private one.
    explicit Connection(const std::string& path, Options options = {});
    ~Connection();
    Connection(Connection&&) = delete;

    template <class... Values>
    Statement query(std::string sql, const Values&... values) {
        Statement statement(*this, std::move(sql));
        int parameter = 0;
        (statement.bind(++parameter, values), ...);
        return statement;
    }

    // Runs one statement to its end; how many rows it changed.
    template <class... Values>
    std::int64_t run(std::string sql, const Values&... values) {
        Statement statement = query(std::move(sql), values...);
        return finish(statement);
    }
    // The same of a statement that has its parameters.
    std::int64_t finish(Statement& statement);

    // Several statements without parameters.
    void run_script(const std::string& sql);

private:
    friend class Statement;
    sqlite3_stmt* borrow(const std::string& sql);
    void give_back(std::string sql, sqlite3_stmt* statement);
    std::int64_t changed_rows() const;
    [[noreturn]] void fail(const std::string& doing) const;

    sqlite3* handle_ = nullptr;
    std::unordered_map<std::string, sqlite3_stmt*> idle_statements_;
};

}  // namespace miroir::sqlite
