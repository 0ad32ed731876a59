#include "miroir/stores/sealed/store.hpp"

#include "index_catalog.hpp"
#include "write_journal.hpp"

namespace miroir::stores {

namespace {

class SealedStore final : public coordination::Store {
public:
    SealedStore(std::unique_ptr<coordination::Store> inner, Sealer sealer)
        : inner_(std::move(inner)),
          secrets_(std::move(sealer)),
          catalog_(inner_->catalog(), secrets_),
          journal_(inner_->journal(), secrets_) {}

    coordination::TopologyStore& topology() override { return inner_->topology(); }
    coordination::IndexCatalog& catalog() override { return catalog_; }
    coordination::WriteJournal& journal() override { return journal_; }
    coordination::TaskRegistry& tasks() override { return inner_->tasks(); }
    coordination::DirtyLedger& ledger() override { return inner_->ledger(); }
    coordination::SettingsVersions& settings_versions() override { return inner_->settings_versions(); }
    coordination::LeaseElector& leases() override { return inner_->leases(); }
    coordination::NodeMemory& node_memory() override { return inner_->node_memory(); }
    coordination::SecretStore& secrets() override { return inner_->secrets(); }
    coordination::PeerRegistry& peers() override { return inner_->peers(); }
    coordination::KeyStore& keys() override { return inner_->keys(); }

    Async<std::uint64_t> view_version() override { return inner_->view_version(); }

    Async<std::string> incarnation() override { return inner_->incarnation(); }
    std::string backend() const override { return inner_->backend(); }
    std::string mode() const override { return inner_->mode(); }

private:
    std::unique_ptr<coordination::Store> inner_;
    SecretTexts secrets_;
    SealedIndexCatalog catalog_;
    SealedWriteJournal journal_;
};

}  // namespace

std::unique_ptr<coordination::Store> seal_store(std::unique_ptr<coordination::Store> inner, Sealer sealer) {
    return std::make_unique<SealedStore>(std::move(inner), std::move(sealer));
}

}  // namespace miroir::stores
