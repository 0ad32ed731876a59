#include "writes/remembered_writes.hpp"

#include <gtest/gtest.h>

namespace miroir::writes {
namespace {

void send(RememberedWrites& writes, const std::string& index, std::size_t copies) {
    for (ShardId shard = 0; shard < copies; ++shard) {
        writes.last_sent[{{PhysicalIndexUid(index), shard}, NodeId("a")}] = {1, 1};
    }
}

TEST(RememberedWrites, CopiesOfIndexesThatAreGoneAreForgotten) {
    RememberedWrites writes(10, null_metrics());
    cluster::Snapshot snapshot;
    auto entry = std::make_shared<cluster::IndexEntry>();
    entry->physical = PhysicalIndexUid("here");
    snapshot.indexes.emplace(LogicalIndexUid("books"), entry);
    send(writes, "here", 600);
    send(writes, "gone", 400);
    writes.forget_indexes_but(snapshot);
    EXPECT_EQ(writes.last_sent.size(), 1000U) << "not worth a look yet";
    send(writes, "gone", 600);
    writes.forget_indexes_but(snapshot);
    EXPECT_EQ(writes.last_sent.size(), 600U);
    send(writes, "gone", 599);
    writes.forget_indexes_but(snapshot);
    EXPECT_EQ(writes.last_sent.size(), 1199U);
    send(writes, "gone", 600);
    writes.forget_indexes_but(snapshot);
    EXPECT_EQ(writes.last_sent.size(), 600U);
}

}  // namespace
}  // namespace miroir::writes
