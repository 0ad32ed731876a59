#pragma once

#include "miroir/coordination/node_memory.hpp"
#include "session.hpp"

namespace miroir::stores {

class SqliteNodeMemory final : public coordination::NodeMemory {
public:
    explicit SqliteNodeMemory(Session& session) : session_(session) {}

    Async<std::vector<coordination::NodeMemoryRecord>> all() override;
    Async<void> saw_task(NodeId node, std::int64_t newest_task) override;
    Async<void> reset(NodeId node, std::int64_t newest_task) override;

private:
    Session& session_;
};

}  // namespace miroir::stores
