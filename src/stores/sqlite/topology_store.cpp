#include "topology_store.hpp"

namespace miroir::stores {

Epoch current_epoch(sqlite::Connection& connection) {
    auto row = connection.query("SELECT epoch FROM topology");
    return row.step() ? static_cast<Epoch>(row.integer(0)) : 0;
}

Async<std::optional<cluster::Topology>> SqliteTopologyStore::load() {
    return session_.read([](sqlite::Connection& connection) -> std::optional<cluster::Topology> {
        auto row = connection.query("SELECT epoch, body FROM topology");
        if (!row.step()) return std::nullopt;
        auto topology = cluster::topology_from_json(row.text(1));
        topology.epoch = static_cast<Epoch>(row.integer(0));
        return topology;
    });
}

Async<std::optional<Epoch>> SqliteTopologyStore::replace(Epoch expected, cluster::Topology next) {
    return session_.write([expected, body = cluster::to_json(next)](
                              sqlite::Connection& connection) -> std::optional<Epoch> {
        if (current_epoch(connection) != expected) return std::nullopt;
        const Epoch epoch = expected + 1;
        connection.run("INSERT OR REPLACE INTO topology (one, epoch, body) VALUES (1, ?, ?)", epoch, body);
        return epoch;
    });
}

}  // namespace miroir::stores
