#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "miroir/coordination/dirty_ledger.hpp"
#include "miroir/coordination/index_catalog.hpp"
#include "miroir/coordination/key_store.hpp"
#include "miroir/coordination/lease_elector.hpp"
#include "miroir/coordination/node_memory.hpp"
#include "miroir/coordination/peer_registry.hpp"
#include "miroir/coordination/secret_store.hpp"
#include "miroir/coordination/settings_versions.hpp"
#include "miroir/coordination/task_registry.hpp"
#include "miroir/coordination/topology_store.hpp"
#include "miroir/coordination/write_journal.hpp"

namespace miroir::coordination {

// One backend's implementations. References live as long as the store.
class Store {
public:
    virtual ~Store() = default;

    virtual TopologyStore& topology() = 0;
    virtual IndexCatalog& catalog() = 0;
    virtual WriteJournal& journal() = 0;
    virtual TaskRegistry& tasks() = 0;
    virtual DirtyLedger& ledger() = 0;
    virtual SettingsVersions& settings_versions() = 0;
    virtual LeaseElector& leases() = 0;
    virtual NodeMemory& node_memory() = 0;
    virtual SecretStore& secrets() = 0;
    virtual PeerRegistry& peers() = 0;
    virtual KeyStore& keys() = 0;

    // Grows with every change of what replicas plan and read by: topology, catalog (but for updatedAt), dirty
    // copies, applied settings, frozen indexes and API keys.
    virtual Async<std::uint64_t> view_version() = 0;

    // Made once with the store and kept; a store that went backwards or was replaced shows another one.
    virtual Async<std::string> incarnation() = 0;
    // "sqlite", "postgres", "redis"; "single-process" or "shared".
    virtual std::string backend() const = 0;
    virtual std::string mode() const = 0;
};

}  // namespace miroir::coordination
