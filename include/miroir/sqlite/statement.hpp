#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

struct sqlite3_stmt;

namespace miroir::sqlite {

class Connection;

// One run of a prepared statement, borrowed from its connection's cache. Parameters count from 1, columns
// from 0. Must end before its connection does.
class Statement {
public:
    Statement(Connection& connection, std::string sql);
    ~Statement();
    Statement(Statement&& other) noexcept;
    Statement& operator=(Statement&&) = delete;

    void bind(int parameter, std::int64_t value);
    void bind(int parameter, std::string_view value);
    void bind(int parameter, std::nullopt_t);
    void bind(int parameter, const char* value) { bind(parameter, std::string_view(value)); }
    template <std::integral T>
    void bind(int parameter, T value) {
        bind(parameter, static_cast<std::int64_t>(value));
    }
    template <class T>
    void bind(int parameter, const std::optional<T>& value) {
        if (value)
            bind(parameter, *value);
        else
            bind(parameter, std::nullopt);
    }

    // Moves to the next row; false after the last.
    bool step();

    bool is_null(int column) const;
    std::int64_t integer(int column) const;
    std::string text(int column) const;
    std::optional<std::int64_t> optional_integer(int column) const;
    std::optional<std::string> optional_text(int column) const;

private:
    Connection* connection_;
    std::string sql_;
    sqlite3_stmt* handle_;
};

}  // namespace miroir::sqlite
