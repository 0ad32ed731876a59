#include "miroir/base/hash.hpp"

#include <gtest/gtest.h>

#include <regex>
#include <set>

#include "miroir/base/clock.hpp"

namespace miroir {
namespace {

TEST(Xxh64, MatchesThePublishedVectors) {
    EXPECT_EQ(xxh64(""), 0xef46db3751d8e999ULL);
    EXPECT_EQ(xxh64("a"), 0xd24ec4f1a98c6e5bULL);
    EXPECT_EQ(xxh64("abc"), 0x44bc2cf5ad770999ULL);
}

TEST(Sha256Hex, MatchesThePublishedVectors) {
    EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(RandomHex, HasTwoDigitsPerByteAndDiffers) {
    EXPECT_EQ(random_hex(0), "");
    EXPECT_TRUE(std::regex_match(random_hex(16), std::regex("[0-9a-f]{32}")));
    EXPECT_NE(random_hex(16), random_hex(16));
}

TEST(UuidV7, HasVersionAndVariant) {
    const std::regex shape("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
    std::set<std::string> seen;
    for (int i = 0; i < 1000; ++i) {
        const auto uuid = uuid_v7();
        EXPECT_TRUE(std::regex_match(uuid, shape)) << uuid;
        EXPECT_TRUE(seen.insert(uuid).second) << uuid;
    }
}

TEST(UuidV7, BeginsWithTheMilliseconds) {
    const auto before = static_cast<std::uint64_t>(system_clock().wall().us / 1000);
    const auto uuid = uuid_v7();
    const auto after = static_cast<std::uint64_t>(system_clock().wall().us / 1000);
    const auto stamp = std::stoull(uuid.substr(0, 8) + uuid.substr(9, 4), nullptr, 16);
    EXPECT_GE(stamp, before);
    EXPECT_LE(stamp, after);
}

TEST(EqualConstantTime, ComparesWholeStrings) {
    EXPECT_TRUE(equal_constant_time("", ""));
    EXPECT_TRUE(equal_constant_time("secret", "secret"));
    EXPECT_FALSE(equal_constant_time("secret", "secreT"));
    EXPECT_FALSE(equal_constant_time("secret", "secret "));
}

}  // namespace
}  // namespace miroir
