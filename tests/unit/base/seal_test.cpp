#include "miroir/base/seal.hpp"

#include <gtest/gtest.h>

namespace miroir {
namespace {

SealKey a_key() {
    return *seal_key_from_base64(random_seal_key());
}

TEST(Seal, WhatWasSealedIsOpenedAgain) {
    const Sealer sealer({a_key()}, "test");
    for (const auto& text :
         {std::string(), std::string("x"), std::string(100'000, 'y'), std::string(3, '\0')}) {
        const auto sealed = sealer.seal(text);
        EXPECT_TRUE(is_sealed(sealed));
        EXPECT_EQ(sealer.open(sealed), text);
    }
}

TEST(Seal, NothingOfTheTextIsSeenAndEverySealDiffers) {
    const Sealer sealer({a_key()}, "test");
    const std::string secret = "the-api-key-of-an-embedder";
    EXPECT_EQ(sealer.seal(secret).find(secret), std::string::npos);
    EXPECT_NE(sealer.seal(secret), sealer.seal(secret));
}

TEST(Seal, AnyChangeIsNoticed) {
    const Sealer sealer({a_key()}, "test");
    const auto sealed = sealer.seal("secret");
    for (std::size_t i = 0; i < sealed.size(); ++i) {
        auto changed = sealed;
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        EXPECT_EQ(sealer.open(changed), std::nullopt) << i;
        EXPECT_EQ(sealer.open(sealed.substr(0, i)), std::nullopt) << i;
    }
}

TEST(Seal, OtherKeysAndOtherPurposesOpenNothing) {
    const auto key = a_key();
    const auto sealed = Sealer({key}, "test").seal("secret");
    EXPECT_EQ(Sealer({a_key()}, "test").open(sealed), std::nullopt);
    EXPECT_EQ(Sealer({key}, "other").open(sealed), std::nullopt);
}

TEST(Seal, AFormerKeyStillOpens) {
    const auto former = a_key();
    const auto sealed = Sealer({former}, "test").seal("secret");
    EXPECT_EQ(Sealer({a_key(), former}, "test").open(sealed), "secret");
}

TEST(Seal, AKeyIs32BytesOfBase64) {
    EXPECT_TRUE(seal_key_from_base64("MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="));
    for (const auto* text :
         {"", "short", "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MA==",
          "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDEy", "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MD!="}) {
        EXPECT_FALSE(seal_key_from_base64(text)) << text;
    }
}

}  // namespace
}  // namespace miroir
