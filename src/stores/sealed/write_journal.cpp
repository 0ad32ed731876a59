#include "write_journal.hpp"

namespace miroir::stores {

using namespace coordination;

Async<std::variant<OpenEntry, OpenRefusal>> SealedWriteJournal::open(EntryDraft draft) {
    draft.operation_body = secrets_.to_store(std::move(draft.operation_body));
    return inner_.open(std::move(draft));
}

Async<std::optional<OpenRefusal>> SealedWriteJournal::replan(TaskUid uid, EntryPlan plan) {
    return inner_.replan(uid, std::move(plan));
}

Async<std::vector<TaskUid>> SealedWriteJournal::still_open(std::vector<TaskUid> uids) {
    return inner_.still_open(std::move(uids));
}

Async<std::uint64_t> SealedWriteJournal::count_open() {
    return inner_.count_open();
}

Async<bool> SealedWriteJournal::close(TaskUid uid, EntryOutcome outcome) {
    return inner_.close(uid, std::move(outcome));
}

Async<void> SealedWriteJournal::save_operation(TaskUid uid, std::string state) {
    return inner_.save_operation(uid, secrets_.to_store(std::move(state)));
}

Async<void> SealedWriteJournal::complete_operation(TaskUid uid) {
    return inner_.complete_operation(uid);
}

Async<std::vector<UnfinishedEntry>> SealedWriteJournal::unfinished() {
    auto entries = co_await inner_.unfinished();
    for (auto& entry : entries) {
        entry.operation_body = secrets_.from_store(std::move(entry.operation_body));
        entry.operation_state = secrets_.from_store(std::move(entry.operation_state));
    }
    co_return entries;
}

}  // namespace miroir::stores
