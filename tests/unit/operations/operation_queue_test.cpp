#include "miroir/operations/operation_queue.hpp"

#include <gtest/gtest.h>

namespace miroir::operations {
namespace {

const LogicalIndexUid books("books");
const LogicalIndexUid films("films");

TEST(OperationQueue, LetsOnlyTheFirstOfAnIndexRun) {
    OperationQueue queue;
    queue.add(books, 3, "settings_update");
    queue.add(books, 5, "index_compact");
    queue.add(films, 4, "settings_update");
    EXPECT_TRUE(queue.is_turn(books, 3));
    EXPECT_FALSE(queue.is_turn(books, 5));
    EXPECT_TRUE(queue.is_turn(films, 4));
    queue.remove(books, 3);
    EXPECT_TRUE(queue.is_turn(books, 5));
    queue.remove(books, 5);
    EXPECT_TRUE(queue.is_turn(books, 9));
}

TEST(OperationQueue, KnowsWhatReplacesAChangeOfSettings) {
    OperationQueue queue;
    queue.add(books, 3, "settings_update");
    EXPECT_FALSE(queue.successor(books, 3));
    queue.add(books, 4, "index_compact");
    EXPECT_FALSE(queue.successor(books, 3));
    queue.add(books, 6, "index_delete");
    ASSERT_TRUE(queue.successor(books, 3));
    EXPECT_EQ(queue.successor(books, 3)->uid, 6U);
    EXPECT_FALSE(queue.successor(books, 3)->changes_settings);
    queue.add(books, 5, "settings_update");
    EXPECT_EQ(queue.successor(books, 3)->uid, 5U);
    EXPECT_TRUE(queue.successor(books, 3)->changes_settings);
    EXPECT_EQ(queue.successor(books, 5)->uid, 6U);
    EXPECT_TRUE(queue.cancel(5, 7));
    EXPECT_EQ(queue.successor(books, 3)->uid, 6U);
}

TEST(OperationQueue, CancelsOnlyWhatHasNotBegun) {
    OperationQueue queue;
    queue.add(books, 3, "settings_update");
    queue.add(books, 4, "settings_update");
    queue.begin(books, 3);
    EXPECT_FALSE(queue.cancel(3, 9));
    EXPECT_TRUE(queue.cancel(4, 9));
    EXPECT_FALSE(queue.cancel(5, 9));
    EXPECT_EQ(queue.canceled_by(books, 4), TaskUid{9});
    EXPECT_FALSE(queue.canceled_by(books, 3));
    EXPECT_FALSE(queue.canceled_by(films, 4));
}

}  // namespace
}  // namespace miroir::operations
