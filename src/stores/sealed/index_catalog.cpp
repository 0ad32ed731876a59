#include "index_catalog.hpp"

namespace miroir::stores {

using coordination::CatalogChange;

Async<std::vector<cluster::IndexEntry>> SealedIndexCatalog::list() {
    auto entries = co_await inner_.list();
    for (auto& entry : entries) {
        entry.settings_json = secrets_.from_store(std::move(entry.settings_json));
    }
    co_return entries;
}

Async<std::optional<cluster::IndexEntry>> SealedIndexCatalog::find(LogicalIndexUid uid) {
    auto entry = co_await inner_.find(std::move(uid));
    if (entry) {
        entry->settings_json = secrets_.from_store(std::move(entry->settings_json));
    }
    co_return entry;
}

Async<std::optional<cluster::IndexEntry>> SealedIndexCatalog::create(cluster::IndexEntry entry) {
    entry.settings_json = secrets_.to_store(std::move(entry.settings_json));
    auto created = co_await inner_.create(std::move(entry));
    if (created) {
        created->settings_json = secrets_.from_store(std::move(created->settings_json));
    }
    co_return created;
}

Async<CatalogChange> SealedIndexCatalog::set_primary_key(LogicalIndexUid uid, Generation expected,
                                                         std::string key) {
    return inner_.set_primary_key(std::move(uid), expected, std::move(key));
}

Async<CatalogChange> SealedIndexCatalog::change_primary_key(LogicalIndexUid uid, Generation expected,
                                                            std::optional<std::string> key) {
    return inner_.change_primary_key(std::move(uid), expected, std::move(key));
}

Async<CatalogChange> SealedIndexCatalog::rename(LogicalIndexUid uid, Generation expected,
                                                LogicalIndexUid to) {
    return inner_.rename(std::move(uid), expected, std::move(to));
}

Async<CatalogChange> SealedIndexCatalog::swap(std::vector<coordination::NameSwap> swaps, TaskUid below) {
    return inner_.swap(std::move(swaps), below);
}

Async<CatalogChange> SealedIndexCatalog::set_settings(LogicalIndexUid uid, Generation expected,
                                                      std::string settings_json) {
    return inner_.set_settings(std::move(uid), expected, secrets_.to_store(std::move(settings_json)));
}

Async<CatalogChange> SealedIndexCatalog::remove(LogicalIndexUid uid, Generation expected) {
    return inner_.remove(std::move(uid), expected);
}

Async<std::vector<PhysicalIndexUid>> SealedIndexCatalog::removed_among(std::vector<PhysicalIndexUid> uids) {
    return inner_.removed_among(std::move(uids));
}

Async<void> SealedIndexCatalog::touch(LogicalIndexUid uid) {
    return inner_.touch(std::move(uid));
}

}  // namespace miroir::stores
