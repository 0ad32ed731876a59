#include "miroir/sqlite/statement.hpp"

#include <sqlite3.h>

#include <utility>

#include "miroir/sqlite/connection.hpp"

namespace miroir::sqlite {

Statement::Statement(Connection& connection, std::string sql)
    : connection_(&connection), sql_(std::move(sql)), handle_(connection.borrow(sql_)) {}

Statement::~Statement() {
    if (handle_) connection_->give_back(std::move(sql_), handle_);
}

Statement::Statement(Statement&& other) noexcept
    : connection_(other.connection_),
      sql_(std::move(other.sql_)),
      handle_(std::exchange(other.handle_, nullptr)) {}

void Statement::bind(int parameter, std::int64_t value) {
    if (sqlite3_bind_int64(handle_, parameter, value) != SQLITE_OK) connection_->fail("bind: " + sql_);
}

void Statement::bind(int parameter, std::string_view value) {
    // A null pointer would bind NULL: an empty view may have one.
    const char* data = value.empty() ? "" : value.data();
    if (sqlite3_bind_text64(handle_, parameter, data, value.size(), SQLITE_TRANSIENT, SQLITE_UTF8) !=
        SQLITE_OK) {
        connection_->fail("bind: " + sql_);
    }
}

void Statement::bind(int parameter, std::nullopt_t) {
    if (sqlite3_bind_null(handle_, parameter) != SQLITE_OK) connection_->fail("bind: " + sql_);
}

bool Statement::step() {
    const int result = sqlite3_step(handle_);
    if (result == SQLITE_ROW) return true;
    if (result == SQLITE_DONE) return false;
    connection_->fail("run: " + sql_);
}

bool Statement::is_null(int column) const {
    return sqlite3_column_type(handle_, column) == SQLITE_NULL;
}

std::int64_t Statement::integer(int column) const {
    return sqlite3_column_int64(handle_, column);
}

std::string Statement::text(int column) const {
    const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(handle_, column));
    if (!data) return {};
    return {data, static_cast<std::size_t>(sqlite3_column_bytes(handle_, column))};
}

std::optional<std::int64_t> Statement::optional_integer(int column) const {
    if (is_null(column)) return std::nullopt;
    return integer(column);
}

std::optional<std::string> Statement::optional_text(int column) const {
    if (is_null(column)) return std::nullopt;
    return text(column);
}

}  // namespace miroir::sqlite
