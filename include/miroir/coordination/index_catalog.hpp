#pragma once

#include <optional>
#include <string>
#include <vector>

#include "miroir/cluster/snapshot.hpp"
#include "miroir/runtime/async.hpp"

namespace miroir::coordination {

enum class CatalogChange { done, stale_generation, name_taken, not_found };

// Two logical uids that change places; with `rename`, `from` becomes `to`, which must be free.
struct NameSwap {
    LogicalIndexUid from;
    LogicalIndexUid to;
    bool rename = false;
};

// logical -> physical index, and what the index is. Every change raises the entry's generation and is a
// compare-and-swap on it. A generation is never used twice for a logical uid, also not after a deletion.
class IndexCatalog {
public:
    virtual ~IndexCatalog() = default;

    virtual Async<std::vector<cluster::IndexEntry>> list() = 0;
    virtual Async<std::optional<cluster::IndexEntry>> find(LogicalIndexUid uid) = 0;

    // The stored entry with its first generation and both times set by the store's clock; empty when the
    // logical or the physical uid was already used.
    virtual Async<std::optional<cluster::IndexEntry>> create(cluster::IndexEntry entry) = 0;

    // Sets the primary key if there is none. stale_generation when another request changed the entry.
    virtual Async<CatalogChange> set_primary_key(LogicalIndexUid uid, Generation expected,
                                                 std::string key) = 0;

    // Replaces the primary key (empty: none), unconditionally on what it was.
    virtual Async<CatalogChange> change_primary_key(LogicalIndexUid uid, Generation expected,
                                                    std::optional<std::string> key) = 0;

    virtual Async<CatalogChange> rename(LogicalIndexUid uid, Generation expected, LogicalIndexUid to) = 0;

    // All swaps or none, in one step, together with the logical uids of the tasks below `below`: their
    // history follows the documents. name_taken and not_found change nothing.
    virtual Async<CatalogChange> swap(std::vector<NameSwap> swaps, TaskUid below) = 0;

    // Commits settings: raises settings_version by one.
    virtual Async<CatalogChange> set_settings(LogicalIndexUid uid, Generation expected,
                                              std::string settings_json) = 0;

    virtual Async<CatalogChange> remove(LogicalIndexUid uid, Generation expected) = 0;

    // Those of `uids` that were the physical uids of indexes of this catalog and are no more. A uid that the
    // catalog has never had is nobody's to delete.
    virtual Async<std::vector<PhysicalIndexUid>> removed_among(std::vector<PhysicalIndexUid> uids) = 0;

    // Only moves updatedAt; does not raise the generation.
    virtual Async<void> touch(LogicalIndexUid uid) = 0;
};

}  // namespace miroir::coordination
