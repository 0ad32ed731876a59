#pragma once

#include "miroir/coordination/write_journal.hpp"
#include "secret_texts.hpp"

namespace miroir::stores {

class SealedWriteJournal final : public coordination::WriteJournal {
public:
    SealedWriteJournal(coordination::WriteJournal& inner, const SecretTexts& secrets)
        : inner_(inner), secrets_(secrets) {}

    Async<coordination::Opening> open(coordination::EntryDraft draft) override;
    Async<std::optional<coordination::JournalHold>> hold(LogicalIndexUid index,
                                                         coordination::ConflictSet conflicts,
                                                         ReplicaId replica, std::string nonce) override;
    Async<std::optional<coordination::OpenRefusal>> replan(TaskUid uid, ReplicaId by,
                                                           coordination::EntryPlan plan) override;
    Async<std::vector<TaskUid>> open_before(TaskUid uid) override;
    Async<std::vector<TaskUid>> still_open(std::vector<TaskUid> uids) override;
    Async<std::uint64_t> count_open() override;
    Async<bool> close(TaskUid uid, ReplicaId by, coordination::EntryOutcome outcome) override;
    Async<bool> belongs_to(TaskUid uid, ReplicaId by) override;
    Async<std::set<LogicalIndexUid>> frozen() override;
    Async<bool> save_operation(TaskUid uid, ReplicaId by, std::string state) override;
    Async<bool> complete_operation(TaskUid uid, ReplicaId by) override;
    Async<std::vector<TaskUid>> operations_before(TaskUid uid, LogicalIndexUid index) override;
    Async<std::vector<coordination::UnfinishedEntry>> unfinished() override;
    Async<std::vector<coordination::UnfinishedEntry>> abandoned() override;
    Async<std::optional<coordination::UnfinishedEntry>> take_over(TaskUid uid, ReplicaId from,
                                                                  ReplicaId to) override;

private:
    coordination::UnfinishedEntry opened(coordination::UnfinishedEntry entry) const;

    coordination::WriteJournal& inner_;
    const SecretTexts& secrets_;
};

}  // namespace miroir::stores
