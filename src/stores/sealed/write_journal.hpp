#pragma once

#include "miroir/coordination/write_journal.hpp"
#include "secret_texts.hpp"

namespace miroir::stores {

class SealedWriteJournal final : public coordination::WriteJournal {
public:
    SealedWriteJournal(coordination::WriteJournal& inner, const SecretTexts& secrets)
        : inner_(inner), secrets_(secrets) {}

    Async<std::variant<coordination::OpenEntry, coordination::OpenRefusal>> open(
        coordination::EntryDraft draft) override;
    Async<std::optional<coordination::OpenRefusal>> replan(TaskUid uid,
                                                           coordination::EntryPlan plan) override;
    Async<std::vector<TaskUid>> still_open(std::vector<TaskUid> uids) override;
    Async<std::uint64_t> count_open() override;
    Async<bool> close(TaskUid uid, coordination::EntryOutcome outcome) override;
    Async<void> save_operation(TaskUid uid, std::string state) override;
    Async<void> complete_operation(TaskUid uid) override;
    Async<std::vector<coordination::UnfinishedEntry>> unfinished() override;

private:
    coordination::WriteJournal& inner_;
    const SecretTexts& secrets_;
};

}  // namespace miroir::stores
