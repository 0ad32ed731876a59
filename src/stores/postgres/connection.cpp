#include "connection.hpp"

#include <pqxx/nontransaction>
#include <pqxx/result>
#include <pqxx/transaction>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
// libpqxx 6.4 does not free the result of a statement that its connection died under.
extern "C" const char* __lsan_default_suppressions();
const char* __lsan_default_suppressions() {
    return "leak:libpqxx";
}
#endif
#endif

namespace miroir::stores {

namespace {

// Keys of the advisory locks, which all programs on a server share: "miroir" and a number.
constexpr std::int64_t lock_keys = 0x6d69726f69720000;

// The server keeps every text but one with a zero byte: that, and the byte that says so, are written as two.
constexpr char escape = '\x01';

std::string escaped(const std::string& text) {
    if (text.find_first_of(std::string_view("\0\x01", 2)) == std::string::npos) return text;
    std::string out;
    for (const char c : text) {
        if (c != '\0' && c != escape) {
            out += c;
        } else {
            out += escape;
            out += c == '\0' ? '0' : '1';
        }
    }
    return out;
}

std::string unescaped(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool pair = text[i] == escape && i + 1 < text.size();
        out += pair ? (text[++i] == '0' ? '\0' : escape) : text[i];
    }
    return out;
}

class Cursor final : public SqlCursor {
public:
    explicit Cursor(pqxx::result rows) : rows_(std::move(rows)) {}
    bool step() override { return ++at_ < static_cast<int>(rows_.size()); }
    bool is_null(int column) const override { return field(column).is_null(); }
    std::int64_t integer(int column) const override { return field(column).as<std::int64_t>(); }
    std::string text(int column) const override {
        const auto value = field(column);
        return unescaped({value.c_str(), value.size()});
    }

private:
    pqxx::field field(int column) const {
        return rows_[static_cast<pqxx::result::size_type>(at_)][static_cast<pqxx::row::size_type>(column)];
    }

    pqxx::result rows_;
    int at_ = -1;
};

pqxx::result execute(pqxx::transaction_base& transaction, const std::string& statement,
                     const std::vector<SqlValue>& values) {
    std::vector<std::string> texts;
    texts.reserve(values.size());
    std::vector<const char*> pointers;
    for (const auto& value : values) {
        if (std::holds_alternative<std::nullopt_t>(value)) {
            pointers.push_back(nullptr);
        } else if (const auto* number = std::get_if<std::int64_t>(&value)) {
            pointers.push_back(texts.emplace_back(std::to_string(*number)).c_str());
        } else {
            pointers.push_back(texts.emplace_back(escaped(std::get<std::string>(value))).c_str());
        }
    }
    return transaction.exec_prepared(statement, pqxx::prepare::make_dynamic_params(pointers));
}

}  // namespace

std::string with_numbered_parameters(std::string_view sql) {
    std::string out;
    int next = 0;
    for (std::size_t i = 0; i < sql.size(); ++i) {
        if (sql[i] != '?') {
            out += sql[i];
            continue;
        }
        out += '$';
        const bool numbered = i + 1 < sql.size() && sql[i + 1] >= '0' && sql[i + 1] <= '9';
        if (!numbered) out += std::to_string(++next);
    }
    return out;
}

PostgresConnection::PostgresConnection(const std::string& conninfo,
                                       std::chrono::milliseconds statement_timeout)
    : connection_(conninfo) {
    connection_.set_variable("statement_timeout", std::to_string(statement_timeout.count()));
    connection_.set_variable("client_min_messages", "warning");
}

PostgresConnection::~PostgresConnection() {
    undo();
}

void PostgresConnection::begin(SqlLock lock) {
    transaction_ = std::make_unique<pqxx::work>(connection_);
    if (lock == SqlLock::none) return;
    run("SELECT pg_advisory_xact_lock(?)", lock_keys + static_cast<std::int64_t>(lock));
}

void PostgresConnection::commit() {
    const auto transaction = std::move(transaction_);
    static_cast<pqxx::work&>(*transaction).commit();
}

void PostgresConnection::undo() noexcept {
    transaction_.reset();
}

WallTime PostgresConnection::now() {
    auto row = query("SELECT store_time()");
    row.step();
    return {row.integer(0)};
}

const SqlDialect& PostgresConnection::dialect() const {
    static const SqlDialect dialect{"SELECT jsonb_array_elements_text(?::jsonb)::bigint",
                                    "SELECT jsonb_array_elements_text(?::jsonb)"};
    return dialect;
}

bool PostgresConnection::is_usable() const {
    return connection_.is_open();
}

void PostgresConnection::run_script(const std::string& sql) {
    if (transaction_) {
        transaction_->exec(sql);
    } else {
        pqxx::nontransaction(connection_).exec(sql);
    }
}

const std::string& PostgresConnection::prepared(std::string_view sql) {
    auto [place, fresh] = prepared_.try_emplace(std::string(sql));
    if (fresh) {
        place->second = "miroir_" + std::to_string(prepared_.size());
        connection_.prepare(place->second, with_numbered_parameters(sql));
    }
    return place->second;
}

std::unique_ptr<SqlCursor> PostgresConnection::start(std::string_view sql,
                                                     const std::vector<SqlValue>& values) {
    const auto& statement = prepared(sql);
    if (transaction_) return std::make_unique<Cursor>(execute(*transaction_, statement, values));
    pqxx::nontransaction alone(connection_);
    return std::make_unique<Cursor>(execute(alone, statement, values));
}

std::int64_t PostgresConnection::finish(std::string_view sql, const std::vector<SqlValue>& values) {
    const auto& statement = prepared(sql);
    if (transaction_) {
        return static_cast<std::int64_t>(execute(*transaction_, statement, values).affected_rows());
    }
    pqxx::nontransaction alone(connection_);
    return static_cast<std::int64_t>(execute(alone, statement, values).affected_rows());
}

}  // namespace miroir::stores
