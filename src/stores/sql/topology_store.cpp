#include "topology_store.hpp"

#include "view.hpp"

namespace miroir::stores {

Epoch current_epoch(SqlConnection& connection) {
    auto row = connection.query("SELECT epoch FROM topology");
    return row.step() ? static_cast<Epoch>(row.integer(0)) : 0;
}

Async<std::optional<cluster::Topology>> SqlTopologyStore::load() {
    return session_.read([](SqlConnection& connection) -> std::optional<cluster::Topology> {
        auto row = connection.query("SELECT epoch, body FROM topology");
        if (!row.step()) return std::nullopt;
        auto topology = cluster::topology_from_json(row.text(1));
        topology.epoch = static_cast<Epoch>(row.integer(0));
        return topology;
    });
}

Async<std::optional<Epoch>> SqlTopologyStore::replace(Epoch expected, cluster::Topology next) {
    return session_.write(
        SqlLock::plans,
        [expected, body = cluster::to_json(next)](SqlConnection& connection) -> std::optional<Epoch> {
            if (current_epoch(connection) != expected) return std::nullopt;
            const Epoch epoch = expected + 1;
            connection.run(
                "INSERT INTO topology (one, epoch, body) VALUES (1, ?, ?) ON CONFLICT (one) DO UPDATE SET "
                "epoch = excluded.epoch, body = excluded.body",
                epoch, body);
            raise_view(connection);
            return epoch;
        });
}

}  // namespace miroir::stores
