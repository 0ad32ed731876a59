#include "connection.hpp"

namespace miroir::stores {

namespace {

class Cursor final : public SqlCursor {
public:
    explicit Cursor(sqlite::Statement statement) : statement_(std::move(statement)) {}
    bool step() override { return statement_.step(); }
    bool is_null(int column) const override { return statement_.is_null(column); }
    std::int64_t integer(int column) const override { return statement_.integer(column); }
    std::string text(int column) const override { return statement_.text(column); }

private:
    sqlite::Statement statement_;
};

sqlite::Statement bound(sqlite::Connection& connection, std::string_view sql,
                        const std::vector<SqlValue>& values) {
    sqlite::Statement statement(connection, std::string(sql));
    int parameter = 0;
    for (const auto& value : values) {
        ++parameter;
        std::visit([&](const auto& typed) { statement.bind(parameter, typed); }, value);
    }
    return statement;
}

}  // namespace

void SqliteConnection::begin(SqlLock) {
    transaction_.emplace(connection_);
}

void SqliteConnection::commit() {
    transaction_->commit();
    transaction_.reset();
}

void SqliteConnection::undo() noexcept {
    transaction_.reset();
}

const SqlDialect& SqliteConnection::dialect() const {
    static const SqlDialect dialect{"SELECT value FROM json_each(?)", "SELECT value FROM json_each(?)"};
    return dialect;
}

std::unique_ptr<SqlCursor> SqliteConnection::start(std::string_view sql,
                                                   const std::vector<SqlValue>& values) {
    return std::make_unique<Cursor>(bound(connection_, sql, values));
}

std::int64_t SqliteConnection::finish(std::string_view sql, const std::vector<SqlValue>& values) {
    auto statement = bound(connection_, sql, values);
    return connection_.finish(statement);
}

}  // namespace miroir::stores
