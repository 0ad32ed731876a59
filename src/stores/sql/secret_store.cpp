#include "secret_store.hpp"

namespace miroir::stores {

namespace {

std::optional<std::string> kept(SqlConnection& connection, const std::string& name) {
    auto row = connection.query("SELECT value FROM facts WHERE name = ?", "secret " + name);
    return row.step() ? std::optional(row.text(0)) : std::nullopt;
}

}  // namespace

Async<std::optional<std::string>> SqlSecretStore::find(std::string name) {
    return session_.read(
        [name = std::move(name)](SqlConnection& connection) { return kept(connection, name); });
}

Async<std::string> SqlSecretStore::keep(std::string name, std::string fresh) {
    return session_.write(
        SqlLock::none, [name = std::move(name), fresh = std::move(fresh)](SqlConnection& connection) {
            connection.run("INSERT INTO facts (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING",
                           "secret " + name, fresh);
            return *kept(connection, name);
        });
}

}  // namespace miroir::stores
