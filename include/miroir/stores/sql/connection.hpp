#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "miroir/base/clock.hpp"

namespace miroir::stores {

// A statement's parameter: NULL, a number or a text.
using SqlValue = std::variant<std::nullopt_t, std::int64_t, std::string>;

inline SqlValue sql_value(std::string_view text) {
    return std::string(text);
}
inline SqlValue sql_value(std::string text) {
    return text;
}
inline SqlValue sql_value(const char* text) {
    return std::string(text);
}
template <std::integral T>
SqlValue sql_value(T number) {
    return static_cast<std::int64_t>(number);
}
template <class T>
SqlValue sql_value(const std::optional<T>& value) {
    return value ? sql_value(*value) : SqlValue(std::nullopt);
}

// What a backend makes of a statement. Columns count from 0.
class SqlCursor {
public:
    virtual ~SqlCursor() = default;
    // Moves to the next row; false after the last.
    virtual bool step() = 0;
    virtual bool is_null(int column) const = 0;
    virtual std::int64_t integer(int column) const = 0;
    virtual std::string text(int column) const = 0;
};

// The rows of one statement. Must end before its transaction does.
class SqlRows {
public:
    explicit SqlRows(std::unique_ptr<SqlCursor> cursor) : cursor_(std::move(cursor)) {}

    bool step() { return cursor_->step(); }
    bool is_null(int column) const { return cursor_->is_null(column); }
    std::int64_t integer(int column) const { return cursor_->integer(column); }
    std::string text(int column) const { return cursor_->text(column); }
    std::optional<std::int64_t> optional_integer(int column) const {
        return is_null(column) ? std::nullopt : std::optional(integer(column));
    }
    std::optional<std::string> optional_text(int column) const {
        return is_null(column) ? std::nullopt : std::optional(text(column));
    }

private:
    std::unique_ptr<SqlCursor> cursor_;
};

// What the backends write differently.
struct SqlDialect {
    // The members of a JSON list, given as one parameter: `uid IN (...)`.
    std::string numbers_of_list;
    std::string texts_of_list;
};

// What of the store only one transaction of all replicas may be changing at a time.
enum class SqlLock {
    none,    // rows of its own
    plans,   // what plans are checked against, and what gets the next task uid
    ledger,  // dirty copies
};

// One connection, used by one thread at a time. Parameters are `?`, in order, or `?1`, `?2`. Every call
// throws what derives from std::exception.
class SqlConnection {
public:
    virtual ~SqlConnection() = default;

    template <class... Values>
    SqlRows query(std::string_view sql, const Values&... values) {
        return SqlRows(start(sql, {sql_value(values)...}));
    }
    // As a list that was made at run time.
    SqlRows query_with(std::string_view sql, const std::vector<SqlValue>& values) {
        return SqlRows(start(sql, values));
    }

    // Runs one statement to its end; how many rows it changed.
    template <class... Values>
    std::int64_t run(std::string_view sql, const Values&... values) {
        return finish(sql, {sql_value(values)...});
    }

    // One transaction at a time; it ends by commit(), or by undo() when something was thrown.
    virtual void begin(SqlLock lock) = 0;
    virtual void commit() = 0;
    virtual void undo() noexcept = 0;

    // The store's clock.
    virtual WallTime now() = 0;
    virtual const SqlDialect& dialect() const = 0;

protected:
    virtual std::unique_ptr<SqlCursor> start(std::string_view sql, const std::vector<SqlValue>& values) = 0;
    virtual std::int64_t finish(std::string_view sql, const std::vector<SqlValue>& values) = 0;
};

// Where a session takes its connections from; safe from every thread.
class SqlConnections {
public:
    virtual ~SqlConnections() = default;
    // May connect. Throws when it cannot.
    virtual SqlConnection& take() = 0;
    virtual void give_back(SqlConnection& connection) = 0;
};

}  // namespace miroir::stores
