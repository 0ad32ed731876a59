#include "miroir/stores/sql/store.hpp"

#include "dirty_ledger.hpp"
#include "index_catalog.hpp"
#include "key_store.hpp"
#include "lease_elector.hpp"
#include "node_memory.hpp"
#include "peer_registry.hpp"
#include "secret_store.hpp"
#include "settings_versions.hpp"
#include "task_registry.hpp"
#include "topology_store.hpp"
#include "view.hpp"
#include "write_journal.hpp"

namespace miroir::stores {

namespace {

class SqlStore final : public coordination::Store {
public:
    SqlStore(std::unique_ptr<SqlDatabase> database, SqlSessionOptions options)
        : database_(std::move(database)), session_(database_->connections(), std::move(options)) {}

    coordination::TopologyStore& topology() override { return topology_; }
    coordination::IndexCatalog& catalog() override { return catalog_; }
    coordination::WriteJournal& journal() override { return journal_; }
    coordination::TaskRegistry& tasks() override { return tasks_; }
    coordination::DirtyLedger& ledger() override { return ledger_; }
    coordination::SettingsVersions& settings_versions() override { return settings_versions_; }
    coordination::LeaseElector& leases() override { return leases_; }
    coordination::NodeMemory& node_memory() override { return node_memory_; }
    coordination::SecretStore& secrets() override { return secrets_; }
    coordination::PeerRegistry& peers() override { return peers_; }
    coordination::KeyStore& keys() override { return keys_; }

    Async<std::uint64_t> view_version() override {
        return session_.read([](SqlConnection& connection) { return stores::view_version(connection); });
    }

    Async<std::string> incarnation() override {
        return session_.read([](SqlConnection& connection) {
            auto row = connection.query("SELECT value FROM facts WHERE name = 'incarnation'");
            row.step();
            return row.text(0);
        });
    }
    std::string backend() const override { return database_->backend(); }
    std::string mode() const override { return database_->mode(); }

private:
    std::unique_ptr<SqlDatabase> database_;
    SqlSession session_;
    SqlTopologyStore topology_{session_};
    SqlIndexCatalog catalog_{session_};
    SqlWriteJournal journal_{session_};
    SqlTaskRegistry tasks_{session_};
    SqlDirtyLedger ledger_{session_};
    SqlSettingsVersions settings_versions_{session_};
    SqlLeaseElector leases_{session_};
    SqlNodeMemory node_memory_{session_};
    SqlSecretStore secrets_{session_};
    SqlPeerRegistry peers_{session_};
    SqlKeyStore keys_{session_};
};

}  // namespace

std::unique_ptr<coordination::Store> make_sql_store(std::unique_ptr<SqlDatabase> database,
                                                    SqlSessionOptions options) {
    return std::make_unique<SqlStore>(std::move(database), std::move(options));
}

}  // namespace miroir::stores
