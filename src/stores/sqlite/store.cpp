#include "miroir/stores/sqlite/store.hpp"

#include <filesystem>
#include <stdexcept>
#include <string_view>

#include "dirty_ledger.hpp"
#include "file_lock.hpp"
#include "index_catalog.hpp"
#include "lease_elector.hpp"
#include "migrations.hpp"
#include "miroir/base/hash.hpp"
#include "miroir/sqlite/migrator.hpp"
#include "node_memory.hpp"
#include "secret_store.hpp"
#include "session.hpp"
#include "settings_versions.hpp"
#include "task_registry.hpp"
#include "topology_store.hpp"
#include "write_journal.hpp"

namespace miroir::stores {

namespace {

class SqliteStore final : public coordination::Store {
public:
    SqliteStore(const std::string& path, const SqliteStoreOptions& options)
        : lock_(path), session_(path, options) {
        sqlite::migrate(session_.connection(), migrations());
        session_.connection().run("INSERT OR IGNORE INTO facts (name, value) VALUES ('incarnation', ?)",
                                  random_hex(16));
    }

    coordination::TopologyStore& topology() override { return topology_; }
    coordination::IndexCatalog& catalog() override { return catalog_; }
    coordination::WriteJournal& journal() override { return journal_; }
    coordination::TaskRegistry& tasks() override { return tasks_; }
    coordination::DirtyLedger& ledger() override { return ledger_; }
    coordination::SettingsVersions& settings_versions() override { return settings_versions_; }
    coordination::LeaseElector& leases() override { return leases_; }
    coordination::NodeMemory& node_memory() override { return node_memory_; }
    coordination::SecretStore& secrets() override { return secrets_; }

    Async<std::string> incarnation() override {
        return session_.read([](sqlite::Connection& connection) {
            auto row = connection.query("SELECT value FROM facts WHERE name = 'incarnation'");
            row.step();
            return row.text(0);
        });
    }
    std::string backend() const override { return "sqlite"; }
    std::string mode() const override { return "single-process"; }

private:
    FileLock lock_;
    Session session_;
    SqliteTopologyStore topology_{session_};
    SqliteIndexCatalog catalog_{session_};
    SqliteWriteJournal journal_{session_};
    SqliteTaskRegistry tasks_{session_};
    SqliteDirtyLedger ledger_{session_};
    SqliteSettingsVersions settings_versions_{session_};
    SqliteLeaseElector leases_{session_};
    SqliteNodeMemory node_memory_{session_};
    SqliteSecretStore secrets_{session_};
};

std::filesystem::path path_in(std::string_view url) {
    constexpr std::string_view absolute = "sqlite:///";
    constexpr std::string_view relative = "sqlite://./";
    if (url.size() > relative.size() && url.starts_with(relative)) return url.substr(relative.size() - 2);
    if (url.size() > absolute.size() && url.starts_with(absolute)) return url.substr(absolute.size() - 1);
    throw std::runtime_error("'" + std::string(url) +
                             "' is no SQLite URL: write sqlite:///absolute/path or sqlite://./relative/path");
}

}  // namespace

std::unique_ptr<coordination::Store> open_sqlite_store(const std::string& url, SqliteStoreOptions options) {
    const std::filesystem::path path = path_in(url);
    std::error_code failed;
    std::filesystem::create_directories(path.parent_path(), failed);
    if (failed) {
        throw std::runtime_error("cannot make the folder " + path.parent_path().string() +
                                 " of the coordination database: " + failed.message());
    }
    return std::make_unique<SqliteStore>(path.string(), options);
}

}  // namespace miroir::stores
