#include "node_memory.hpp"

namespace miroir::stores {

using coordination::NodeMemoryRecord;
using sqlite::Connection;

Async<std::vector<NodeMemoryRecord>> SqliteNodeMemory::all() {
    return session_.read([](Connection& connection) {
        std::vector<NodeMemoryRecord> records;
        auto rows = connection.query("SELECT node, newest_task FROM node_memory ORDER BY node");
        while (rows.step()) records.push_back({NodeId(rows.text(0)), rows.integer(1)});
        return records;
    });
}

Async<void> SqliteNodeMemory::saw_task(NodeId node, std::int64_t newest_task) {
    return session_.write([node = std::move(node), newest_task](Connection& connection) {
        connection.run(
            "INSERT INTO node_memory (node, newest_task) VALUES (?, ?) "
            "ON CONFLICT DO UPDATE SET newest_task = MAX(newest_task, excluded.newest_task)",
            node.str(), newest_task);
    });
}

Async<void> SqliteNodeMemory::reset(NodeId node, std::int64_t newest_task) {
    return session_.write([node = std::move(node), newest_task](Connection& connection) {
        connection.run("INSERT OR REPLACE INTO node_memory (node, newest_task) VALUES (?, ?)", node.str(),
                       newest_task);
    });
}

}  // namespace miroir::stores
