#include "write_journal.hpp"

namespace miroir::stores {

using namespace coordination;

Async<coordination::Opening> SealedWriteJournal::open(EntryDraft draft) {
    draft.operation_body = secrets_.to_store(std::move(draft.operation_body));
    return inner_.open(std::move(draft));
}

Async<std::optional<JournalHold>> SealedWriteJournal::hold(LogicalIndexUid index, ConflictSet conflicts,
                                                           ReplicaId replica, std::string nonce) {
    return inner_.hold(std::move(index), std::move(conflicts), std::move(replica), std::move(nonce));
}

Async<std::optional<OpenRefusal>> SealedWriteJournal::replan(TaskUid uid, ReplicaId by, EntryPlan plan) {
    return inner_.replan(uid, std::move(by), std::move(plan));
}

Async<std::vector<TaskUid>> SealedWriteJournal::open_before(TaskUid uid) {
    return inner_.open_before(uid);
}

Async<std::vector<TaskUid>> SealedWriteJournal::still_open(std::vector<TaskUid> uids) {
    return inner_.still_open(std::move(uids));
}

Async<std::uint64_t> SealedWriteJournal::count_open() {
    return inner_.count_open();
}

Async<bool> SealedWriteJournal::close(TaskUid uid, ReplicaId by, EntryOutcome outcome) {
    return inner_.close(uid, std::move(by), std::move(outcome));
}

Async<bool> SealedWriteJournal::belongs_to(TaskUid uid, ReplicaId by) {
    return inner_.belongs_to(uid, std::move(by));
}

Async<std::set<LogicalIndexUid>> SealedWriteJournal::frozen() {
    return inner_.frozen();
}

Async<bool> SealedWriteJournal::save_operation(TaskUid uid, ReplicaId by, std::string state) {
    return inner_.save_operation(uid, std::move(by), secrets_.to_store(std::move(state)));
}

Async<bool> SealedWriteJournal::complete_operation(TaskUid uid, ReplicaId by) {
    return inner_.complete_operation(uid, std::move(by));
}

Async<std::vector<TaskUid>> SealedWriteJournal::operations_before(TaskUid uid, LogicalIndexUid index) {
    return inner_.operations_before(uid, std::move(index));
}

Async<std::vector<UnfinishedEntry>> SealedWriteJournal::unfinished() {
    auto entries = co_await inner_.unfinished();
    for (auto& entry : entries) entry = opened(std::move(entry));
    co_return entries;
}

Async<std::vector<UnfinishedEntry>> SealedWriteJournal::abandoned() {
    auto entries = co_await inner_.abandoned();
    for (auto& entry : entries) entry = opened(std::move(entry));
    co_return entries;
}

Async<std::optional<UnfinishedEntry>> SealedWriteJournal::take_over(TaskUid uid, ReplicaId from,
                                                                    ReplicaId to) {
    auto entry = co_await inner_.take_over(uid, std::move(from), std::move(to));
    if (entry) entry = opened(std::move(*entry));
    co_return entry;
}

UnfinishedEntry SealedWriteJournal::opened(UnfinishedEntry entry) const {
    entry.operation_body = secrets_.from_store(std::move(entry.operation_body));
    entry.operation_state = secrets_.from_store(std::move(entry.operation_state));
    return entry;
}

}  // namespace miroir::stores
