#pragma once

#include "miroir/coordination/task_registry.hpp"
#include "session.hpp"

namespace miroir::stores {

class RedisTaskRegistry final : public coordination::TaskRegistry {
public:
    explicit RedisTaskRegistry(RedisSession& session) : session_(session) {}

    Async<coordination::TaskRecord> add(coordination::TaskDraft draft, ReplicaId replica,
                                        std::optional<coordination::TaskFinish> finish) override;
    Async<std::optional<coordination::TaskRecord>> find(TaskUid uid) override;
    Async<coordination::TaskPage> page(coordination::TaskPageRequest request) override;
    Async<std::vector<TaskUid>> matching(coordination::TaskFilter filter) override;
    Async<std::vector<std::string>> index_uids() override;
    Async<std::vector<coordination::NodePart>> parts(TaskUid uid) override;
    Async<std::vector<coordination::NodePart>> unfinished_parts() override;
    Async<std::vector<coordination::UnfinishedTask>> unfinished() override;
    Async<void> request_cancel(std::vector<TaskUid> uids, TaskUid cancelation) override;
    Async<void> refuse_cancel(TaskUid uid) override;
    Async<void> update_parts(std::vector<coordination::NodePart> parts) override;
    Async<std::vector<coordination::PartLookup>> lookups() override;
    Async<void> end_lookups(std::vector<coordination::NodePart> parts) override;
    Async<void> start(TaskUid uid, WallTime started_at) override;
    Async<bool> finish(coordination::TaskFinish finish) override;
    Async<std::uint64_t> remove_finished(std::vector<TaskUid> uids) override;
    Async<void> rename_index(std::string from, std::string to, TaskUid below) override;
    Async<std::uint64_t> prune(WallTime before, std::uint64_t keep_max) override;

private:
    RedisSession& session_;
};

}  // namespace miroir::stores
