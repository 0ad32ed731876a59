#include <gtest/gtest.h>

#include "fake_cluster.hpp"
#include "miroir/coordination/store_error.hpp"
#include "miroir/writes/journal_watch.hpp"

namespace miroir::writes {
namespace {

// The store has done it, and its reply is lost: nobody would ever close that hold.
TEST(LostHold, IsClosedInTheBackground) {
    test::FakeCluster cluster({"a", "b"});
    cluster.make_index("books", "p1");
    JournalWatch journal(cluster.store.journal(), cluster.loop.executor());
    bool lost = false;
    cluster.store.spy = [&lost](std::string step) -> Async<void> {
        if (step == "journal.hold done" && !lost) {
            lost = true;
            throw coordination::StoreUnavailable("the reply is lost");
        }
        co_return;
    };
    const auto hold = [&]() {
        coordination::ConflictSet whole;
        whole.whole_index = true;
        return cluster.loop.run(journal.hold(LogicalIndexUid("books"), whole, ReplicaId("r")));
    };
    EXPECT_THROW(hold(), coordination::StoreUnavailable);
    EXPECT_EQ(cluster.loop.run(cluster.sqlite->journal().count_open()), 1U);
    while (cluster.loop.run(cluster.sqlite->journal().count_open()) > 0) {
        cluster.loop.run(runtime::sleep_for(std::chrono::milliseconds(20)));
    }
    EXPECT_TRUE(hold());
    cluster.loop.run(journal.stop());
}

}  // namespace
}  // namespace miroir::writes
