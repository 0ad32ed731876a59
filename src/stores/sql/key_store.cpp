#include "key_store.hpp"

#include "miroir/coordination/stored_values.hpp"
#include "view.hpp"

namespace miroir::stores {

using coordination::ApiKey;
using coordination::KeyCreated;

namespace {

const std::string select_keys =
    "SELECT uid, name, description, actions, indexes, expires_at, expires_text, created_at, updated_at FROM "
    "api_keys ";

ApiKey key_of(const SqlRows& row) {
    ApiKey key;
    key.uid = row.text(0);
    key.name = row.optional_text(1);
    key.description = row.optional_text(2);
    key.actions = coordination::texts_in(row.text(3));
    key.indexes = coordination::texts_in(row.text(4));
    if (!row.is_null(5)) {
        key.expires_at = meili::KeyExpiry{{row.integer(5)}, row.text(6)};
    }
    key.created_at = {row.integer(7)};
    key.updated_at = {row.integer(8)};
    return key;
}

std::optional<ApiKey> find(SqlConnection& connection, const std::string& uid) {
    auto row = connection.query(select_keys + "WHERE uid = ?", uid);
    return row.step() ? std::optional(key_of(row)) : std::nullopt;
}

std::uint64_t count(SqlConnection& connection) {
    auto row = connection.query("SELECT COUNT(*) FROM api_keys");
    row.step();
    return static_cast<std::uint64_t>(row.integer(0));
}

void raise_version(SqlConnection& connection) {
    connection.run("UPDATE counters SET value = value + 1 WHERE name = 'keys'");
    raise_view(connection);
}

void insert(SqlConnection& connection, ApiKey& key) {
    key.created_at = connection.now();
    key.updated_at = key.created_at;
    const auto expires_at = key.expires_at ? std::optional(key.expires_at->at.us) : std::nullopt;
    const auto expires_text = key.expires_at ? std::optional(key.expires_at->text) : std::nullopt;
    connection.run(
        "INSERT INTO api_keys (uid, number, name, description, actions, indexes, expires_at, expires_text, "
        "created_at, updated_at) VALUES (?, (SELECT COALESCE(MAX(number), 0) + 1 FROM api_keys), ?, ?, ?, ?, "
        "?, ?, ?, ?)",
        key.uid, key.name, key.description, coordination::list_text(key.actions),
        coordination::list_text(key.indexes), expires_at, expires_text, key.created_at.us, key.updated_at.us);
}

}  // namespace

Async<std::uint64_t> SqlKeyStore::version() {
    return session_.read([](SqlConnection& connection) {
        auto row = connection.query("SELECT value FROM counters WHERE name = 'keys'");
        row.step();
        return static_cast<std::uint64_t>(row.integer(0));
    });
}

Async<std::vector<ApiKey>> SqlKeyStore::list() {
    return session_.read([](SqlConnection& connection) {
        std::vector<ApiKey> keys;
        auto rows = connection.query(select_keys + "ORDER BY created_at DESC, number DESC");
        while (rows.step()) keys.push_back(key_of(rows));
        return keys;
    });
}

Async<coordination::KeyStore::Creation> SqlKeyStore::create(ApiKey draft, std::uint64_t keys_max) {
    return session_.write(SqlLock::plans, [draft = std::move(draft), keys_max](SqlConnection& connection) {
        Creation creation{KeyCreated::done, draft};
        if (find(connection, draft.uid)) {
            creation.result = KeyCreated::uid_taken;
        } else if (count(connection) >= keys_max) {
            creation.result = KeyCreated::full;
        } else {
            insert(connection, creation.key);
            raise_version(connection);
        }
        return creation;
    });
}

Async<std::optional<ApiKey>> SqlKeyStore::update(std::string uid, meili::KeyUpdate change) {
    return session_.write(
        SqlLock::plans, [uid = std::move(uid), change = std::move(change)](SqlConnection& connection) {
            auto key = find(connection, uid);
            if (!key) {
                return key;
            }
            key->name = change.name.value_or(key->name);
            key->description = change.description.value_or(key->description);
            key->updated_at = connection.now();
            connection.run("UPDATE api_keys SET name = ?, description = ?, updated_at = ? WHERE uid = ?",
                           key->name, key->description, key->updated_at.us, uid);
            raise_version(connection);
            return key;
        });
}

Async<bool> SqlKeyStore::remove(std::string uid) {
    return session_.write(SqlLock::plans, [uid = std::move(uid)](SqlConnection& connection) {
        const bool there = connection.run("DELETE FROM api_keys WHERE uid = ?", uid) == 1;
        if (there) {
            raise_version(connection);
        }
        return there;
    });
}

Async<void> SqlKeyStore::seed(std::vector<ApiKey> drafts) {
    return session_.write(SqlLock::plans, [drafts = std::move(drafts)](SqlConnection& connection) {
        if (count(connection) != 0) {
            return;
        }
        for (auto draft : drafts) {
            insert(connection, draft);
        }
        raise_version(connection);
    });
}

}  // namespace miroir::stores
