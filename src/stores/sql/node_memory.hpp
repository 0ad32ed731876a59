#pragma once

#include "miroir/coordination/node_memory.hpp"
#include "miroir/stores/sql/session.hpp"

namespace miroir::stores {

class SqlNodeMemory final : public coordination::NodeMemory {
public:
    explicit SqlNodeMemory(SqlSession& session) : session_(session) {}

    Async<std::vector<coordination::NodeMemoryRecord>> all() override;
    Async<void> saw_task(NodeId node, std::int64_t newest_task) override;
    Async<void> reset(NodeId node, std::int64_t newest_task) override;

private:
    SqlSession& session_;
};

}  // namespace miroir::stores
