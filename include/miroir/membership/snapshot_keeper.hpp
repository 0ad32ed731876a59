#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>

#include "miroir/cluster/snapshot.hpp"
#include "miroir/coordination/store.hpp"
#include "miroir/runtime/async.hpp"

namespace miroir::membership {

// The replica's current view of the cluster. current() is for any thread; everything else runs on the
// control executor.
class SnapshotKeeper {
public:
    explicit SnapshotKeeper(coordination::Store& store);

    cluster::SnapshotPtr current() const;

    // Reads the store again and publishes what it found. Throws StoreUnavailable; the old view stays then.
    Async<void> refresh();

    // refresh(), if another replica has changed what the view consists of since it was last read.
    Async<void> follow();

    // The store's view version that the current view was read at.
    std::uint64_t version() const { return version_; }

    // Publishes copies that have just been recorded as dirty, without asking the store.
    void add_dirty(const std::set<cluster::CopyRef>& copies);

    // Publishes how far a settings change of an index is; empty: all that nodes have is committed.
    void set_settings_phase(PhysicalIndexUid index, std::optional<cluster::SettingsPhase> phase);

    // Called by each refresh() before it publishes: for what else belongs to the view. When it throws, the
    // old view stays.
    void read_too(std::function<Async<void>()> reader);

    // Called after each publication, on the control executor.
    void on_change(std::function<void(const cluster::Snapshot&)> listener);

private:
    void publish(std::shared_ptr<const cluster::Snapshot> next);

    coordination::Store& store_;
    mutable std::mutex mutex_;
    cluster::SnapshotPtr current_;
    // Of the store when the current view was begun to be read.
    std::uint64_t version_ = 0;
    // Of changes that this replica runs. Others' frozen indexes are in the store, as are those that this one
    // has settled until their operations are complete.
    std::map<PhysicalIndexUid, cluster::SettingsPhase> unsettled_;
    std::set<PhysicalIndexUid> settled_;
    std::vector<std::function<Async<void>()>> readers_;
    std::vector<std::function<void(const cluster::Snapshot&)>> listeners_;
};

}  // namespace miroir::membership
