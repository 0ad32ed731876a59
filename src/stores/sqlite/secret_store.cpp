#include "secret_store.hpp"

namespace miroir::stores {

using sqlite::Connection;

namespace {

std::optional<std::string> kept(Connection& connection, const std::string& name) {
    auto row = connection.query("SELECT value FROM facts WHERE name = ?", "secret " + name);
    return row.step() ? std::optional(row.text(0)) : std::nullopt;
}

}  // namespace

Async<std::optional<std::string>> SqliteSecretStore::find(std::string name) {
    return session_.read([name = std::move(name)](Connection& connection) { return kept(connection, name); });
}

Async<std::string> SqliteSecretStore::keep(std::string name, std::string fresh) {
    return session_.write([name = std::move(name), fresh = std::move(fresh)](Connection& connection) {
        connection.run("INSERT OR IGNORE INTO facts (name, value) VALUES (?, ?)", "secret " + name, fresh);
        return *kept(connection, name);
    });
}

}  // namespace miroir::stores
