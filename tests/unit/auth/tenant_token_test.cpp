#include "miroir/auth/tenant_token.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "miroir/base/mac.hpp"
#include "token_maker.hpp"

namespace miroir::auth {
namespace {

using test::make_token;
using testing::ElementsAre;

constexpr std::int64_t now_s = 1'764'000'000;
const std::string uid = "6062abda-a5aa-4414-ac91-ecd7944c0f8d";

std::string value_of(std::string_view key_uid) {
    return "value of " + std::string(key_uid);
}

Result<std::optional<TenantToken>> open(const std::string& token) {
    return open_tenant_token(token, value_of, {now_s * 1'000'000});
}

std::string signed_token(const std::string& claims, const std::string& header = R"({"alg":"HS256"})",
                         MacHash hash = MacHash::sha256) {
    return make_token(header, claims, value_of(uid), hash);
}

std::string claims_with(const std::string& rules, const std::string& more = "") {
    return R"({"apiKeyUid":")" + uid + R"(","searchRules":)" + rules + more + "}";
}

std::string fault_of(const std::string& token) {
    const auto opened = open(token);
    if (opened) return opened.value() ? "opened" : "no token";
    EXPECT_EQ(opened.error().code, "invalid_api_key");
    return opened.error().message;
}

TEST(TenantToken, OpensWithTheValueOfItsKey) {
    for (const auto& [name, hash] : {std::pair("HS256", MacHash::sha256), std::pair("HS384", MacHash::sha384),
                                     std::pair("HS512", MacHash::sha512)}) {
        const auto header = std::string(R"({"typ":"JWT","alg":")") + name + "\"}";
        const auto opened = open(signed_token(claims_with(R"(["a","b*"])"), header, hash));
        ASSERT_TRUE(opened) << name << opened.error().message;
        EXPECT_EQ(opened.value()->key_uid, uid);
        EXPECT_THAT(opened.value()->rules.patterns(), ElementsAre("a", "b*"));
    }
}

// A token that Python's hmac and base64 made of the claims {"searchRules":["*"],"apiKeyUid":<nil uuid>} and
// the key "secret".
TEST(TenantToken, OpensWhatAnotherLibraryMade) {
    const std::string token =
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
        "eyJzZWFyY2hSdWxlcyI6WyIqIl0sImFwaUtleVVpZCI6IjAwMDAwMDAwLTAwMDAtMDAwMC0wMDAwLTAwMDAwMDAwMDAwMCJ9."
        "8SJpER_-djquh-5dwupqnPuYQsMGo2dyMHUlJsh7Yr0";
    const auto opened = open_tenant_token(token, [](std::string_view) { return "secret"; }, {});
    ASSERT_TRUE(opened) << opened.error().message;
    EXPECT_THAT(opened.value()->rules.patterns(), ElementsAre("*"));
}

TEST(TenantToken, WhatHasNotThreePartsIsNone) {
    for (const auto* text : {"", "abc", "a.b", ".", "x."}) EXPECT_EQ(fault_of(text), "no token") << text;
}

TEST(TenantToken, TheMostExactRuleCounts) {
    const auto opened = open(
        signed_token(claims_with(R"({"b*":{"filter":"g = 1"},"bo*":{"filter":["g = 2",["x","y"]]},"book":{},)"
                                 R"("*":{"filter":null},"n":null})")));
    ASSERT_TRUE(opened) << opened.error().message;
    const auto& rules = opened.value()->rules;
    EXPECT_EQ(rules.filter_of("b"), R"("g = 1")");
    EXPECT_EQ(rules.filter_of("books"), R"(["g = 2",["x","y"]])");
    EXPECT_EQ(rules.filter_of("book"), std::nullopt);
    EXPECT_EQ(rules.filter_of("other"), std::nullopt);
    EXPECT_EQ(rules.filter_of("n"), std::nullopt);
    EXPECT_TRUE(rules.allows_index("other"));
    EXPECT_FALSE(SearchRules({{"a", {}}, {"b*", {}}}).allows_index("ab"));
    EXPECT_FALSE(SearchRules().allows_index("a"));
}

TEST(TenantToken, NothingButTheRightSignatureOpensIt) {
    const auto good = signed_token(claims_with(R"(["*"])"));
    EXPECT_EQ(fault_of(good), "opened");
    const auto bad = "Could not decode tenant token, InvalidSignature.";
    EXPECT_EQ(fault_of(make_token(R"({"alg":"HS256"})", claims_with(R"(["*"])"), "other", MacHash::sha256)),
              bad);
    EXPECT_EQ(fault_of(good.substr(0, good.rfind('.') + 1)), bad);
    EXPECT_EQ(fault_of(signed_token(claims_with(R"(["*"])"), R"({"alg":"HS512"})", MacHash::sha256)), bad);
    EXPECT_EQ(fault_of(signed_token(claims_with(R"(["*"])"), R"({"alg":"RS256"})")),
              "Could not decode tenant token, InvalidAlgorithm.");
    EXPECT_EQ(
        fault_of(signed_token(claims_with(R"(["*"])"), R"({"alg":"none"})")),
        "Could not decode tenant token, JSON error: unknown variant `none`, expected one of `HS256`, "
        "`HS384`, "
        "`HS512`, `ES256`, `ES384`, `RS256`, `RS384`, `RS512`, `PS256`, `PS384`, `PS512`, `EdDSA` at line 1 "
        "column 13.");
}

TEST(TenantToken, EveryFlippedBitClosesIt) {
    const auto good = signed_token(claims_with(R"(["*"])"));
    for (std::size_t i = 0; i < good.size(); ++i) {
        auto bad = good;
        bad[i] = bad[i] == 'A' ? 'B' : 'A';
        EXPECT_NE(fault_of(bad), "opened") << i;
    }
}

TEST(TenantToken, EndsAfterItsLastSecond) {
    EXPECT_EQ(fault_of(signed_token(claims_with(R"(["*"])", R"(,"exp":1764000000)"))), "opened");
    EXPECT_EQ(fault_of(signed_token(claims_with(R"(["*"])", R"(,"exp":null)"))), "opened");
    EXPECT_EQ(fault_of(signed_token(claims_with(R"(["*"])", R"(,"exp":1763999999)"))),
              "Tenant token expired. Was valid up to `1763999999` and we're now `1764000000`.");
    EXPECT_EQ(fault_of(signed_token(claims_with(R"(["*"])", R"(,"aud":"me")"))),
              "Could not decode tenant token, InvalidAudience.");
}

TEST(TenantToken, MalformedOnesAreToldAsTheEngineTellsThem) {
    const std::string say = "Could not decode tenant token, ";
    EXPECT_EQ(fault_of(signed_token(R"({"apiKeyUid":")" + uid + "\"}")),
              say + "JSON error: missing field `searchRules` at line 1 column 52.");
    EXPECT_EQ(fault_of(signed_token(R"({"searchRules":[]})")),
              say + "JSON error: missing field `apiKeyUid` at line 1 column 18.");
    EXPECT_EQ(fault_of("!.!.!"), say + "Base64 error: Invalid symbol 33, offset 0..");
    EXPECT_EQ(fault_of("a.b.c"), say + "Base64 error: Invalid input length: 1.");
    for (const auto* rules : {"5", "\"a\"", "[1]", R"({"a":5})", "null"}) {
        EXPECT_THAT(fault_of(signed_token(claims_with(rules))),
                    testing::StartsWith(say + "JSON error: data did"))
            << rules;
    }
    for (const auto* claims : {"", "[]", "5", "{", "{}", R"({"apiKeyUid":"x","searchRules":[]})"}) {
        EXPECT_THAT(fault_of(signed_token(claims)), testing::StartsWith(say + "JSON error: ")) << claims;
    }
}

}  // namespace
}  // namespace miroir::auth
