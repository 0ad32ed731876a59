#pragma once

#include "miroir/coordination/index_catalog.hpp"
#include "secret_texts.hpp"

namespace miroir::stores {

class SealedIndexCatalog final : public coordination::IndexCatalog {
public:
    SealedIndexCatalog(coordination::IndexCatalog& inner, const SecretTexts& secrets)
        : inner_(inner), secrets_(secrets) {}

    Async<std::vector<cluster::IndexEntry>> list() override;
    Async<std::optional<cluster::IndexEntry>> find(LogicalIndexUid uid) override;
    Async<std::optional<cluster::IndexEntry>> create(cluster::IndexEntry entry) override;
    Async<coordination::CatalogChange> set_primary_key(LogicalIndexUid uid, Generation expected,
                                                       std::string key) override;
    Async<coordination::CatalogChange> change_primary_key(LogicalIndexUid uid, Generation expected,
                                                          std::optional<std::string> key) override;
    Async<coordination::CatalogChange> rename(LogicalIndexUid uid, Generation expected,
                                              LogicalIndexUid to) override;
    Async<coordination::CatalogChange> swap(std::vector<coordination::NameSwap> swaps,
                                            TaskUid below) override;
    Async<coordination::CatalogChange> set_settings(LogicalIndexUid uid, Generation expected,
                                                    std::string settings_json) override;
    Async<coordination::CatalogChange> remove(LogicalIndexUid uid, Generation expected) override;
    Async<std::vector<PhysicalIndexUid>> removed_among(std::vector<PhysicalIndexUid> uids) override;
    Async<void> touch(LogicalIndexUid uid) override;

private:
    coordination::IndexCatalog& inner_;
    const SecretTexts& secrets_;
};

}  // namespace miroir::stores
