#pragma once

#include <memory>
#include <string>
#include <vector>

#include "fake_nodes.hpp"
#include "loop.hpp"
#include "miroir/membership/fleet_watch.hpp"
#include "miroir/membership/peers.hpp"
#include "miroir/membership/snapshot_keeper.hpp"
#include "miroir/stores/sqlite/store.hpp"
#include "spying_store.hpp"
#include "temporary_folder.hpp"

namespace miroir::test {

// A store with a topology of one group, nodes in memory, and the executor that everything runs on.
struct FakeCluster {
    explicit FakeCluster(std::vector<std::string> names, std::uint32_t replication_factor = 2)
        : sqlite(stores::open_sqlite_store("sqlite://" + (folder.path() / "miroir.db").string())),
          store(*sqlite),
          snapshots(store),
          peers(store.peers(), {ReplicaId("r"), "1", std::chrono::hours(1), std::chrono::minutes(1)},
                loop.executor(), null_log(), null_metrics()),
          unwatched({}, system_clock(), null_metrics()),
          fleet(store, snapshots, unwatched, {}, loop.executor(), null_log(), null_metrics()) {
        cluster::Topology topology;
        topology.replication_factor = replication_factor;
        topology.groups = {{0, cluster::GroupState::active}};
        for (const auto& name : names) {
            cluster::Node node;
            node.id = NodeId(name);
            node.url = "http://127.0.0.1:1";
            topology.nodes.push_back(node);
            nodes.by_id[NodeId(name)];
        }
        loop.run(sqlite->topology().replace(0, topology));
        loop.run(peers.beat());
        refresh();
    }

    void refresh() { loop.run(snapshots.refresh()); }

    // An index in the catalog and, with its settings, on every node.
    std::shared_ptr<const cluster::IndexEntry> make_index(
        const std::string& uid, const std::string& physical, std::uint32_t shards = 4,
        const std::string& settings = meili::default_settings_json()) {
        cluster::IndexEntry entry;
        entry.logical = LogicalIndexUid(uid);
        entry.physical = PhysicalIndexUid(physical);
        entry.primary_key = "id";
        entry.shards = shards;
        entry.placement = cluster::place(snapshots.current()->topology, shards);
        entry.settings_json = settings;
        entry.settings_version = 1;
        loop.run(sqlite->catalog().create(entry));
        std::vector<AppliedSettings> applied;
        for (auto& [id, node] : nodes.by_id) {
            node.indexes[physical].settings = settings;
            applied.push_back({entry.physical, id, 1});
        }
        loop.run(sqlite->settings_versions().record(applied));
        refresh();
        return snapshots.current()->find(entry.logical);
    }

    std::shared_ptr<const cluster::IndexEntry> index(const std::string& uid) const {
        return snapshots.current()->find(LogicalIndexUid(uid));
    }

    TemporaryFolder folder;
    Loop loop;
    std::unique_ptr<Store> sqlite;
    SpyingStore store;
    FakeNodes nodes;
    membership::SnapshotKeeper snapshots;
    // This replica; alive, without heartbeats.
    membership::Peers peers;
    // Not started: it only listens to what writers tell it.
    nodes::HttpNodeClient unwatched;
    membership::FleetWatch fleet;
};

}  // namespace miroir::test
