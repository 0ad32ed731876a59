#include "miroir/meili/markers.hpp"

#include <gtest/gtest.h>

#include <random>

namespace miroir::meili {
namespace {

TEST(Markers, DigitsAreMathOperators) {
    EXPECT_EQ(shard_marker(0), "∔∔∔∔");
    EXPECT_EQ(shard_marker(0x12), "∔∔∖∗");
    EXPECT_EQ(shard_marker(0xabcd), "∨∩∪∴");
    EXPECT_EQ(version_marker({0x34567890, 0xabcdef12}), "∘∙√∝∟∠∧∔∨∩∪∴∵∷∖∗");
}

TEST(Markers, ByteOrderIsNumericOrder) {
    std::mt19937_64 random(1);
    for (int i = 0; i < 10'000; ++i) {
        // Close together as well as far apart.
        const std::uint64_t a = random() >> random() % 64;
        const std::uint64_t b = random() % 2 == 0 ? a + 1 : random() >> random() % 64;
        std::string left;
        std::string right;
        append_digits(left, a, version_digits);
        append_digits(right, b, version_digits);
        ASSERT_EQ(left < right, a < b) << a << ' ' << b;
    }
}

TEST(Markers, ReadBackWhatWasWritten) {
    std::mt19937 random(2);
    for (int i = 0; i < 1'000; ++i) {
        const DocumentVersion version{static_cast<TaskUid>(random()), static_cast<std::uint32_t>(random())};
        ASSERT_EQ(version_from_marker(version_marker(version)), version);
        const auto shard = static_cast<ShardId>(random() % shards_max);
        ASSERT_EQ(shard_from_marker(shard_marker(shard)), shard);
    }
}

TEST(Markers, OtherTextsAreNone) {
    EXPECT_EQ(shard_from_marker(""), std::nullopt);
    EXPECT_EQ(shard_from_marker("0012"), std::nullopt);
    EXPECT_EQ(shard_from_marker("∔∔∔"), std::nullopt);
    EXPECT_EQ(shard_from_marker("∔∔∔a"), std::nullopt);
    EXPECT_EQ(version_from_marker("∔∔∔∔"), std::nullopt);
}

TEST(Markers, AFilterNamesItsShards) {
    EXPECT_EQ(shard_filter_clause({0, 0x1f}), "\"_miroir_shard\" IN [\"∔∔∔∔\", \"∔∔∖∷\"]");
    EXPECT_EQ(shard_filter_clause({}), "\"_miroir_shard\" IN []");
}

}  // namespace
}  // namespace miroir::meili
