#pragma once

#include "miroir/coordination/index_catalog.hpp"
#include "session.hpp"

namespace miroir::stores {

class RedisIndexCatalog final : public coordination::IndexCatalog {
public:
    explicit RedisIndexCatalog(RedisSession& session) : session_(session) {}

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
    Async<coordination::CatalogChange> change(std::vector<std::string> step);

    RedisSession& session_;
};

}  // namespace miroir::stores
