#pragma once

#include <functional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "miroir/coordination/store.hpp"

namespace miroir::test {

using namespace coordination;

// Called before and after every step that changes the store ("journal.open", then "journal.open done"); may
// change the store behind the caller's back, or throw: the caller's process has died.
using StoreSpy = std::function<Async<void>(std::string step)>;

template <class T>
Async<T> spied(const StoreSpy& spy, std::string step, Async<T> call) {
    if (spy) co_await spy(step);
    if constexpr (std::is_void_v<T>) {
        co_await std::move(call);
        if (spy) co_await spy(step + " done");
    } else {
        T result = co_await std::move(call);
        if (spy) co_await spy(step + " done");
        co_return result;
    }
}

class SpyingJournal : public WriteJournal {
public:
    SpyingJournal(WriteJournal& inner, const StoreSpy& spy) : inner_(inner), spy_(spy) {}
    Async<Opening> open(EntryDraft draft) override {
        return spied(spy_, "journal.open", inner_.open(std::move(draft)));
    }
    Async<std::optional<JournalHold>> hold(LogicalIndexUid index, ConflictSet conflicts, ReplicaId replica,
                                           std::string nonce) override {
        return spied(
            spy_, "journal.hold",
            inner_.hold(std::move(index), std::move(conflicts), std::move(replica), std::move(nonce)));
    }
    Async<std::vector<TaskUid>> operations_before(TaskUid uid, LogicalIndexUid index) override {
        return inner_.operations_before(uid, std::move(index));
    }
    Async<std::optional<OpenRefusal>> replan(TaskUid uid, ReplicaId by, EntryPlan plan) override {
        return spied(spy_, "journal.replan", inner_.replan(uid, std::move(by), std::move(plan)));
    }
    Async<std::vector<TaskUid>> open_before(TaskUid uid) override { return inner_.open_before(uid); }
    Async<std::vector<TaskUid>> still_open(std::vector<TaskUid> uids) override {
        return inner_.still_open(std::move(uids));
    }
    Async<std::uint64_t> count_open() override { return inner_.count_open(); }
    Async<bool> close(TaskUid uid, ReplicaId by, EntryOutcome outcome) override {
        return spied(spy_, "journal.close", inner_.close(uid, std::move(by), std::move(outcome)));
    }
    Async<bool> belongs_to(TaskUid uid, ReplicaId by) override {
        return inner_.belongs_to(uid, std::move(by));
    }
    Async<std::set<LogicalIndexUid>> frozen() override { return inner_.frozen(); }
    Async<bool> save_operation(TaskUid uid, ReplicaId by, std::string state) override {
        return spied(spy_, "journal.save_operation",
                     inner_.save_operation(uid, std::move(by), std::move(state)));
    }
    Async<bool> complete_operation(TaskUid uid, ReplicaId by) override {
        return spied(spy_, "journal.complete_operation", inner_.complete_operation(uid, std::move(by)));
    }
    Async<std::vector<UnfinishedEntry>> unfinished() override { return inner_.unfinished(); }
    Async<std::vector<UnfinishedEntry>> abandoned() override { return inner_.abandoned(); }
    Async<std::optional<UnfinishedEntry>> take_over(TaskUid uid, ReplicaId from, ReplicaId to) override {
        return spied(spy_, "journal.take_over", inner_.take_over(uid, std::move(from), std::move(to)));
    }

private:
    WriteJournal& inner_;
    const StoreSpy& spy_;
};

class SpyingCatalog : public IndexCatalog {
public:
    SpyingCatalog(IndexCatalog& inner, const StoreSpy& spy) : inner_(inner), spy_(spy) {}
    Async<std::vector<cluster::IndexEntry>> list() override { return inner_.list(); }
    Async<std::optional<cluster::IndexEntry>> find(LogicalIndexUid uid) override { return inner_.find(uid); }
    Async<std::optional<cluster::IndexEntry>> create(cluster::IndexEntry entry) override {
        return spied(spy_, "catalog.create", inner_.create(std::move(entry)));
    }
    Async<CatalogChange> set_primary_key(LogicalIndexUid uid, Generation expected, std::string key) override {
        return spied(spy_, "catalog.set_primary_key", inner_.set_primary_key(uid, expected, std::move(key)));
    }
    Async<CatalogChange> change_primary_key(LogicalIndexUid uid, Generation expected,
                                            std::optional<std::string> key) override {
        return spied(spy_, "catalog.change_primary_key",
                     inner_.change_primary_key(uid, expected, std::move(key)));
    }
    Async<CatalogChange> rename(LogicalIndexUid uid, Generation expected, LogicalIndexUid to) override {
        return spied(spy_, "catalog.rename", inner_.rename(uid, expected, std::move(to)));
    }
    Async<CatalogChange> swap(std::vector<NameSwap> swaps, TaskUid below) override {
        return spied(spy_, "catalog.swap", inner_.swap(std::move(swaps), below));
    }
    Async<CatalogChange> set_settings(LogicalIndexUid uid, Generation expected,
                                      std::string settings) override {
        return spied(spy_, "catalog.set_settings", inner_.set_settings(uid, expected, std::move(settings)));
    }
    Async<CatalogChange> remove(LogicalIndexUid uid, Generation expected) override {
        return spied(spy_, "catalog.remove", inner_.remove(uid, expected));
    }
    Async<std::vector<PhysicalIndexUid>> removed_among(std::vector<PhysicalIndexUid> uids) override {
        return inner_.removed_among(std::move(uids));
    }
    Async<void> touch(LogicalIndexUid uid) override {
        return spied(spy_, "catalog.touch", inner_.touch(std::move(uid)));
    }

private:
    IndexCatalog& inner_;
    const StoreSpy& spy_;
};

class SpyingTasks : public TaskRegistry {
public:
    SpyingTasks(TaskRegistry& inner, const StoreSpy& spy) : inner_(inner), spy_(spy) {}
    Async<TaskRecord> add(TaskDraft draft, ReplicaId replica, std::optional<TaskFinish> finish) override {
        return spied(spy_, "tasks.add", inner_.add(std::move(draft), std::move(replica), std::move(finish)));
    }
    Async<std::optional<TaskRecord>> find(TaskUid uid) override { return inner_.find(uid); }
    Async<TaskPage> page(TaskPageRequest request) override { return inner_.page(std::move(request)); }
    Async<std::vector<TaskUid>> matching(TaskFilter filter) override {
        return inner_.matching(std::move(filter));
    }
    Async<std::vector<std::string>> index_uids() override { return inner_.index_uids(); }
    Async<std::vector<NodePart>> parts(TaskUid uid) override { return inner_.parts(uid); }
    Async<std::vector<NodePart>> unfinished_parts() override { return inner_.unfinished_parts(); }
    Async<std::vector<UnfinishedTask>> unfinished() override { return inner_.unfinished(); }
    Async<void> request_cancel(std::vector<TaskUid> uids, TaskUid cancelation) override {
        return spied(spy_, "tasks.request_cancel", inner_.request_cancel(std::move(uids), cancelation));
    }
    Async<void> refuse_cancel(TaskUid uid) override {
        return spied(spy_, "tasks.refuse_cancel", inner_.refuse_cancel(uid));
    }
    Async<void> update_parts(std::vector<NodePart> parts) override {
        return spied(spy_, "tasks.update_parts", inner_.update_parts(std::move(parts)));
    }
    Async<std::vector<PartLookup>> lookups() override { return inner_.lookups(); }
    Async<void> end_lookups(std::vector<NodePart> parts) override {
        return spied(spy_, "tasks.end_lookups", inner_.end_lookups(std::move(parts)));
    }
    Async<void> start(TaskUid uid, WallTime at) override {
        return spied(spy_, "tasks.start", inner_.start(uid, at));
    }
    Async<bool> finish(TaskFinish finish) override {
        return spied(spy_, "tasks.finish", inner_.finish(std::move(finish)));
    }
    Async<std::uint64_t> remove_finished(std::vector<TaskUid> uids) override {
        return inner_.remove_finished(std::move(uids));
    }
    Async<void> rename_index(std::string from, std::string to, TaskUid below) override {
        return spied(spy_, "tasks.rename_index", inner_.rename_index(std::move(from), std::move(to), below));
    }
    Async<std::uint64_t> prune(WallTime before, std::uint64_t keep) override {
        return inner_.prune(before, keep);
    }

private:
    TaskRegistry& inner_;
    const StoreSpy& spy_;
};

// A store whose changes to journal, catalog and tasks are watched.
class SpyingStore : public Store {
public:
    explicit SpyingStore(Store& inner)
        : inner_(inner),
          journal_(inner.journal(), spy),
          catalog_(inner.catalog(), spy),
          tasks_(inner.tasks(), spy) {}

    StoreSpy spy;

    TopologyStore& topology() override { return inner_.topology(); }
    IndexCatalog& catalog() override { return catalog_; }
    WriteJournal& journal() override { return journal_; }
    TaskRegistry& tasks() override { return tasks_; }
    DirtyLedger& ledger() override { return inner_.ledger(); }
    SettingsVersions& settings_versions() override { return inner_.settings_versions(); }
    LeaseElector& leases() override { return inner_.leases(); }
    NodeMemory& node_memory() override { return inner_.node_memory(); }
    SecretStore& secrets() override { return inner_.secrets(); }
    PeerRegistry& peers() override { return inner_.peers(); }
    KeyStore& keys() override { return inner_.keys(); }
    Async<std::uint64_t> view_version() override { return inner_.view_version(); }
    Async<std::string> incarnation() override { return inner_.incarnation(); }
    std::string backend() const override { return inner_.backend(); }
    std::string mode() const override { return inner_.mode(); }

private:
    Store& inner_;
    SpyingJournal journal_;
    SpyingCatalog catalog_;
    SpyingTasks tasks_;
};

}  // namespace miroir::test
