#include "node_memory.hpp"

namespace miroir::stores {

using coordination::NodeMemoryRecord;

Async<std::vector<NodeMemoryRecord>> SqlNodeMemory::all() {
    return session_.read([](SqlConnection& connection) {
        std::vector<NodeMemoryRecord> records;
        auto rows = connection.query("SELECT node, newest_task FROM node_memory ORDER BY node");
        while (rows.step()) records.push_back({NodeId(rows.text(0)), rows.integer(1)});
        return records;
    });
}

Async<void> SqlNodeMemory::saw_task(NodeId node, std::int64_t newest_task) {
    return session_.write(SqlLock::none, [node = std::move(node), newest_task](SqlConnection& connection) {
        connection.run(
            "INSERT INTO node_memory (node, newest_task) VALUES (?, ?) "
            "ON CONFLICT (node) DO UPDATE SET newest_task = excluded.newest_task "
            "WHERE node_memory.newest_task < excluded.newest_task",
            node.str(), newest_task);
    });
}

Async<void> SqlNodeMemory::reset(NodeId node, std::int64_t newest_task) {
    return session_.write(SqlLock::none, [node = std::move(node), newest_task](SqlConnection& connection) {
        connection.run(
            "INSERT INTO node_memory (node, newest_task) VALUES (?, ?) ON CONFLICT (node) DO UPDATE SET "
            "newest_task = excluded.newest_task",
            node.str(), newest_task);
    });
}

}  // namespace miroir::stores
