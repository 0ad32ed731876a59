#include "miroir/meili/api_key.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace miroir::meili {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr WallTime now{1'764'000'000'000'000};  // 2025-11-24

Result<KeyCreation> creation(const std::string& expiry) {
    return parse_key_creation(R"({"actions":["search"],"indexes":["*"],"expiresAt":)" + expiry + "}", now);
}

std::string code_of(const std::string& body) {
    const auto parsed = parse_key_creation(body, now);
    return parsed ? "" : parsed.error().code;
}

// The pair that Meilisearch's own tests know.
TEST(ApiKey, ItsValueComesFromTheMasterKeyAndTheUid) {
    EXPECT_EQ(key_value("MASTER_KEY", "00000000-0000-0000-0000-000000000000"),
              "aeb94973e0b6e912d94165430bbe87dee91a7c4f891ce19050c3910ec96977e9");
}

TEST(ApiKey, IsReadFromABody) {
    const auto key = parse_key_creation(
        R"({"uid":"6062ABDAA5AA4414AC91ECD7944C0F8D","name":"n","description":null,"actions":["*","search"],
            "indexes":["a","b*","*"],"expiresAt":null})",
        now);
    ASSERT_TRUE(key);
    EXPECT_EQ(key.value().uid, "6062abda-a5aa-4414-ac91-ecd7944c0f8d");
    EXPECT_EQ(key.value().name, "n");
    EXPECT_EQ(key.value().description, std::nullopt);
    EXPECT_THAT(key.value().actions, ElementsAre("*", "search"));
    EXPECT_THAT(key.value().indexes, ElementsAre("a", "b*", "*"));
    EXPECT_EQ(key.value().expires_at, std::nullopt);
}

TEST(ApiKey, ExpiresAtAMomentOrWithADay) {
    const std::vector<std::pair<std::string, std::string>> moments = {
        {"2099-12-31T23:59:59Z", "2099-12-31T23:59:59Z"},
        {"2099-12-31 23:59:59", "2099-12-31T23:59:59Z"},
        {"2099-12-31T23:59:59", "2099-12-31T23:59:59Z"},
        {"2099-12-31", "2099-12-31T00:00:00Z"},
        {"2099-12-31T23:59:59.500+02:00", "2099-12-31T23:59:59.5+02:00"},
        {"2099-12-31t23:59:59.000z", "2099-12-31T23:59:59Z"},
        {"2099-12-31T23:59:59-00:00", "2099-12-31T23:59:59Z"},
    };
    for (const auto& [text, shown] : moments) {
        const auto key = creation("\"" + text + "\"");
        ASSERT_TRUE(key) << text;
        EXPECT_EQ(key.value().expires_at->text, shown);
    }
    EXPECT_EQ(creation("\"2099-12-31T23:59:59+01:00\"").value().expires_at->at.us, 4'102'441'199'000'000);
    for (const auto* text : {"\"2001-01-01\"", "\"tomorrow\"", "\"2099-13-01\"", "\"2099-12-31T25:00:00\"",
                             "\"2025-11-24T16:00:00Z\"", "12"}) {
        const auto key = creation(text);
        ASSERT_FALSE(key) << text;
        EXPECT_EQ(key.error().code, "invalid_api_key_expires_at") << text;
    }
}

TEST(ApiKey, BadBodiesAreRefused) {
    EXPECT_EQ(code_of(R"({"indexes":["*"],"expiresAt":null})"), "missing_api_key_actions");
    EXPECT_EQ(code_of(R"({"actions":["*"],"expiresAt":null})"), "missing_api_key_indexes");
    EXPECT_EQ(code_of(R"({"actions":["*"],"indexes":["*"]})"), "missing_api_key_expires_at");
    EXPECT_EQ(code_of(R"({"actions":"*","indexes":["*"],"expiresAt":null})"), "invalid_api_key_actions");
    EXPECT_EQ(code_of(R"({"actions":["doc.add"],"indexes":["*"],"expiresAt":null})"),
              "invalid_api_key_actions");
    EXPECT_EQ(code_of(R"({"actions":["*"],"indexes":["a*b"],"expiresAt":null})"), "invalid_api_key_indexes");
    EXPECT_EQ(code_of(R"({"actions":["*"],"indexes":["*"],"expiresAt":null,"uid":"x"})"),
              "invalid_api_key_uid");
    EXPECT_EQ(code_of(R"({"actions":["*"],"indexes":["*"],"expiresAt":null,"name":1})"),
              "invalid_api_key_name");
    EXPECT_EQ(code_of(R"({"actions":["*"],"indexes":["*"],"expiresAt":null,"key":"x"})"), "bad_request");
    EXPECT_EQ(code_of(R"({"actions":["version"],"indexes":["a"],"expiresAt":null})"),
              "index_scoped_api_key_with_global_action");
    EXPECT_EQ(code_of(R"({"actions":["version"],"indexes":["a","*"],"expiresAt":null})"), "");
    EXPECT_EQ(code_of("[]"), "bad_request");
    EXPECT_EQ(code_of("{"), "malformed_payload");
}

TEST(ApiKey, AChangeTellsAbsentFromNull) {
    EXPECT_EQ(parse_key_update("{}").value().name, std::nullopt);
    const auto change = parse_key_update(R"({"name":null,"description":"d"})").value();
    ASSERT_TRUE(change.name);
    EXPECT_EQ(*change.name, std::nullopt);
    EXPECT_EQ(**change.description, "d");
    EXPECT_EQ(parse_key_update(R"({"expiresAt":null})").error().code, "immutable_api_key_expires_at");
    EXPECT_EQ(parse_key_update(R"({"name":5})").error().code, "invalid_api_key_name");
    EXPECT_THAT(parse_key_update(R"({"title":"x"})").error().message,
                HasSubstr("expected one of `description`, `name`"));
}

}  // namespace
}  // namespace miroir::meili
