#pragma once

#include <string>
#include <variant>
#include <vector>

#include "store_contract.hpp"

namespace miroir::contract {

using coordination::EntryDraft;
using coordination::EntryOutcome;
using coordination::OpenEntry;
using coordination::OpenRefusal;
using coordination::TargetResult;
using coordination::TaskStatus;

// A store at epoch 1 with the index `books` on the nodes `a` and `b`.
class JournalContract : public StoreContract {
protected:
    explicit JournalContract(StoreLimits limits = {}) : StoreContract(limits) {
        run(store().topology().replace(0, a_topology()));
        books_ = run(store().catalog().create(an_index("books", "p1"))).value();
        live();
    }

    void restart() {
        StoreContract::restart();
        live();
    }
    void live() { run(store().peers().beat({by_, "1"}, std::chrono::hours(24))); }

    coordination::WriteJournal& journal() { return store().journal(); }

    EntryDraft document_write(std::vector<ShardId> shards) const {
        EntryDraft draft;
        draft.plan.index = books_.logical;
        draft.plan.physical = books_.physical;
        draft.plan.epoch = 1;
        draft.plan.generation = books_.generation;
        draft.plan.conflicts.shards = shards;
        draft.plan.targets = {{NodeId("a"), shards}, {NodeId("b"), shards}};
        draft.replica = by_;
        draft.task = a_task("documentAdditionOrUpdate", "books");
        return draft;
    }

    EntryDraft control_operation(const std::string& kind) const {
        EntryDraft draft = document_write({});
        draft.plan.conflicts.whole_index = true;
        draft.plan.targets.clear();
        draft.task.type = kind;
        draft.operation = kind;
        draft.operation_body = R"({"stopWords":["le"]})";
        return draft;
    }

    // Node a took the write in two requests, node b refused it.
    static EntryOutcome a_mixed_outcome() {
        EntryOutcome outcome;
        outcome.targets = {{NodeId("a"), TargetResult::acked, {17, 18}, ""},
                           {NodeId("b"), TargetResult::refused, {}, R"({"code":"internal"})"}};
        outcome.dirty = {a_mark(copy_of("p1", 3, "b"), std::vector<std::string>{"k1"})};
        outcome.dirty[0].reference = NodeId("a");
        return outcome;
    }

    OpenEntry open(EntryDraft draft) { return std::get<OpenEntry>(run(journal().open(std::move(draft)))); }

    OpenRefusal refusal(EntryDraft draft) {
        return std::get<OpenRefusal>(run(journal().open(std::move(draft))));
    }

    void expect_refused(const EntryDraft& draft, OpenRefusal expected) {
        EXPECT_EQ(refusal(draft), expected);
        EXPECT_TRUE(run(journal().unfinished()).empty());
        EXPECT_EQ(run(store().tasks().page({})).total, 0U);
        EXPECT_TRUE(run(store().tasks().parts(0)).empty());
    }

    // Who opens entries.
    const ReplicaId by_{"replica-1"};
    cluster::IndexEntry books_;
};

}  // namespace miroir::contract
