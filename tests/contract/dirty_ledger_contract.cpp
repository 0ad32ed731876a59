#include "store_contract.hpp"

namespace miroir::contract {
namespace {

using Ids = std::vector<std::string>;

class DirtyLedgerContract : public StoreContract {
protected:
    DirtyLedgerContract() : StoreContract({.dirty_ids_max = 5}) {}

    coordination::DirtyLedger& ledger() { return store().ledger(); }
    void mark(coordination::DirtyMark mark) { run(ledger().mark({std::move(mark)})); }
    coordination::DirtyCopy get() { return run(ledger().find(copy_)).value(); }

    const cluster::CopyRef copy_ = copy_of("p1", 3, "a");
};
MIROIR_CONTRACT(DirtyLedgerContract);

TEST_P(DirtyLedgerContract, IsEmptyAtFirst) {
    EXPECT_TRUE(run(ledger().copies()).empty());
    EXPECT_EQ(run(ledger().find(copy_)), std::nullopt);
}

TEST_P(DirtyLedgerContract, MarksOfOneCopyAreMerged) {
    mark(a_mark(copy_, Ids{"b", "a"}, 7));
    const auto first = get();
    mark(a_mark(copy_, Ids{"c", "a"}, 4));
    const auto second = get();

    EXPECT_EQ(second.copy, copy_);
    EXPECT_FALSE(second.all);
    EXPECT_EQ(second.ids, (Ids{"a", "b", "c"}));
    EXPECT_EQ(second.newest, 7U);
    EXPECT_GT(second.revision, first.revision);
    EXPECT_EQ(run(ledger().copies()), (std::set<cluster::CopyRef>{copy_}));
}

TEST_P(DirtyLedgerContract, CopiesAreKeptApart) {
    const std::vector<cluster::CopyRef> copies = {copy_, copy_of("p2", 3, "a"), copy_of("p1", 4, "a"),
                                                  copy_of("p1", 3, "b")};
    std::vector<coordination::DirtyMark> marks;
    for (std::size_t i = 0; i < copies.size(); ++i)
        marks.push_back(a_mark(copies[i], Ids{std::to_string(i)}));
    run(ledger().mark(marks));
    for (std::size_t i = 0; i < copies.size(); ++i)
        EXPECT_EQ(run(ledger().find(copies[i]))->ids, Ids{std::to_string(i)});
    EXPECT_EQ(run(ledger().copies()), (std::set<cluster::CopyRef>(copies.begin(), copies.end())));
}

TEST_P(DirtyLedgerContract, AllSwallowsIds) {
    mark(a_mark(copy_, Ids{"a"}));
    mark(a_mark(copy_, std::nullopt));
    EXPECT_TRUE(get().all);
    EXPECT_TRUE(get().ids.empty());
    mark(a_mark(copy_, Ids{"b"}));
    EXPECT_TRUE(get().all);
    EXPECT_TRUE(get().ids.empty());
}

TEST_P(DirtyLedgerContract, TooManyIdsBecomeAll) {
    mark(a_mark(copy_, Ids{"1", "2", "3", "4", "5"}));
    mark(a_mark(copy_, Ids{"1", "5"}));
    EXPECT_FALSE(get().all);
    mark(a_mark(copy_, Ids{"6"}));
    EXPECT_TRUE(get().all);
    EXPECT_TRUE(get().ids.empty());
}

TEST_P(DirtyLedgerContract, TheReferenceIsThatOfTheNewestMarkThatNamesOne) {
    auto named = a_mark(copy_, Ids{"a"}, 5);
    named.reference = NodeId("b");
    mark(named);
    mark(a_mark(copy_, Ids{"b"}, 9));
    EXPECT_EQ(get().reference, NodeId("b"));

    named.since = 3;
    named.reference = NodeId("c");
    mark(named);
    EXPECT_EQ(get().reference, NodeId("b"));

    named.since = 6;
    mark(named);
    EXPECT_EQ(get().reference, NodeId("c"));
    EXPECT_EQ(get().newest, 9U);
}

TEST_P(DirtyLedgerContract, ARepairClearsOnlyWhatItHasSeen) {
    mark(a_mark(copy_, Ids{"a"}));
    const auto seen = get().revision;
    mark(a_mark(copy_, Ids{"a"}));
    EXPECT_FALSE(run(ledger().clear(copy_, seen)));
    EXPECT_EQ(get().ids, Ids{"a"});

    EXPECT_TRUE(run(ledger().clear(copy_, get().revision)));
    EXPECT_EQ(run(ledger().find(copy_)), std::nullopt);
    EXPECT_TRUE(run(ledger().copies()).empty());
}

TEST_P(DirtyLedgerContract, ALateClearLeavesACopyThatWasMarkedAnew) {
    mark(a_mark(copy_, Ids{"a"}));
    const auto seen = get().revision;
    EXPECT_TRUE(run(ledger().clear(copy_, seen)));
    mark(a_mark(copy_, Ids{"b"}));
    EXPECT_FALSE(run(ledger().clear(copy_, seen)));
    EXPECT_EQ(get().ids, Ids{"b"});
}

TEST_P(DirtyLedgerContract, AClearedCopyStartsWithoutOldIds) {
    mark(a_mark(copy_, std::nullopt));
    run(ledger().clear(copy_, get().revision));
    mark(a_mark(copy_, Ids{"z"}));
    EXPECT_FALSE(get().all);
    EXPECT_EQ(get().ids, Ids{"z"});
}

TEST_P(DirtyLedgerContract, ForgetsAnIndexThatIsGone) {
    const auto other = copy_of("p2", 0, "a");
    run(ledger().mark(
        {a_mark(copy_, Ids{"a"}), a_mark(copy_of("p1", 0, "b"), std::nullopt), a_mark(other, Ids{"b"})}));
    run(ledger().forget(PhysicalIndexUid("p1")));
    EXPECT_EQ(run(ledger().copies()), (std::set<cluster::CopyRef>{other}));
    mark(a_mark(copy_, Ids{"c"}));
    EXPECT_EQ(get().ids, Ids{"c"});
}

TEST_P(DirtyLedgerContract, SurvivesARestart) {
    mark(a_mark(copy_, Ids{"a", "é"}, 12));
    const auto before = get();
    restart();
    EXPECT_EQ(get().ids, before.ids);
    EXPECT_EQ(get().newest, 12U);
    EXPECT_EQ(get().revision, before.revision);
}

TEST_P(DirtyLedgerContract, NoMarkIsLostAmongMany) {
    const auto shared = copy_of("p1", 0, "a");
    at_once(5,
            [&](std::size_t i) { run(replica(i).ledger().mark({a_mark(shared, Ids{std::to_string(i)})})); });
    EXPECT_EQ(run(ledger().find(shared))->ids, (Ids{"0", "1", "2", "3", "4"}));
}

}  // namespace
}  // namespace miroir::contract
