#include "miroir/meili/task_filter.hpp"

#include <gtest/gtest.h>

namespace miroir::meili {
namespace {

using Strings = std::vector<std::string>;

TEST(TaskFilter, MomentsAreMicrosecondsSinceTheEpoch) {
    EXPECT_EQ(parse_rfc3339("1970-01-01T00:00:01Z")->us, 1'000'000);
    EXPECT_EQ(parse_rfc3339("2024-02-29t12:34:56.7890125z")->us, 1'709'210'096'789'012);
    EXPECT_EQ(parse_rfc3339("2024-01-01 01:00:00+01:30")->us, parse_rfc3339("2023-12-31T23:30:00Z")->us);
    EXPECT_EQ(parse_rfc3339("1969-12-31T23:59:59-00:00")->us, -1'000'000);
    EXPECT_EQ(parse_date("2024-01-02")->us, 1'704'153'600'000'000);
}

TEST(TaskFilter, LeapSecondsStandAtTheEndOfAMonthOnly) {
    EXPECT_EQ(parse_rfc3339("2016-12-31T23:59:60Z")->us, parse_rfc3339("2017-01-01T00:00:00Z")->us - 1);
    EXPECT_TRUE(parse_rfc3339("2017-01-01T00:59:60+01:00"));
    EXPECT_FALSE(parse_rfc3339("2016-12-30T23:59:60Z"));
    EXPECT_FALSE(parse_rfc3339("2016-12-31T22:59:60Z"));
}

TEST(TaskFilter, ADateAloneMeansTheWholeDay) {
    const auto query =
        parse_task_list({{"afterEnqueuedAt", "2024-01-01"}, {"beforeEnqueuedAt", "2024-01-01"}});
    ASSERT_TRUE(query);
    EXPECT_EQ(query.value().filter.before_enqueued_at.at, parse_rfc3339("2024-01-01T00:00:00Z"));
    EXPECT_EQ(query.value().filter.after_enqueued_at.at, parse_rfc3339("2024-01-02T00:00:00Z"));
}

TEST(TaskFilter, NamesAreReadInAnyCase) {
    const auto query = parse_task_list({{"types", "INDEXCREATION,dumpcreation"}, {"statuses", "Failed"}});
    ASSERT_TRUE(query);
    EXPECT_EQ(query.value().filter.types.items, (Strings{"indexCreation", "dumpCreation"}));
    EXPECT_EQ(query.value().filter.statuses.items, Strings{"failed"});
}

TEST(TaskFilter, AnEmptyListIsGivenAndMatchesNothing) {
    const auto query = parse_task_list({{"uids", ""}});
    ASSERT_TRUE(query);
    EXPECT_TRUE(query.value().filter.uids.given);
    EXPECT_TRUE(query.value().filter.uids.items->empty());
}

TEST(TaskFilter, AStarIsAFilterForCancelation) {
    const auto filter = parse_task_cancelation({{"statuses", "*"}});
    ASSERT_TRUE(filter);
    EXPECT_FALSE(filter.value().empty());
    EXPECT_FALSE(filter.value().statuses.items);
    EXPECT_EQ(parse_task_deletion({}).error().code, "missing_task_filters");
}

TEST(TaskFilter, ListsHaveTheirDefaults) {
    const auto query = parse_task_list({});
    ASSERT_TRUE(query);
    EXPECT_EQ(query.value().limit, 20U);
    EXPECT_FALSE(query.value().from);
    EXPECT_FALSE(query.value().reverse);
    EXPECT_TRUE(query.value().filter.empty());
}

}  // namespace
}  // namespace miroir::meili
