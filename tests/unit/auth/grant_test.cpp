#include "miroir/auth/grant.hpp"

#include <gtest/gtest.h>

namespace miroir::auth {
namespace {

std::string code_of(const Result<Grant>& result) {
    return result ? "granted" : result.error().code;
}

TEST(Authorize, EverythingIsOpenWithoutAMasterKeyButTheKeys) {
    const KeyAuthenticator open({"", ""});
    const std::string anything = "Bearer x";
    const std::string basic = "Basic x";
    EXPECT_EQ(code_of(open.authorize(nullptr, "search", nullptr)), "granted");
    EXPECT_EQ(code_of(open.authorize(&anything, "documents.add", nullptr)), "granted");
    EXPECT_EQ(code_of(open.authorize(&basic, "documents.add", nullptr)), "missing_authorization_header");
    EXPECT_EQ(code_of(open.authorize(nullptr, "keys.get", nullptr)), "missing_master_key");
    EXPECT_EQ(code_of(open.authorize(&anything, "keys.get", nullptr)), "missing_master_key");
    EXPECT_EQ(code_of(open.authorize(&basic, "keys.get", nullptr)), "missing_authorization_header");
}

TEST(Authorize, AnswersBadHeadersAsMeilisearchDoes) {
    const KeyAuthenticator keyed({"masterKey", ""});
    const std::string basic = "Basic masterKey";
    const std::string lower = "bearer masterKey";
    const std::string bare = "Bearer";
    const std::string blank = "Bearer ";
    const std::string wrong = "Bearer nope";
    const std::string right = "Bearer masterKey";
    EXPECT_EQ(code_of(keyed.authorize(nullptr, "search", nullptr)), "missing_authorization_header");
    EXPECT_EQ(code_of(keyed.authorize(&basic, "search", nullptr)), "missing_authorization_header");
    EXPECT_EQ(code_of(keyed.authorize(&lower, "search", nullptr)), "missing_authorization_header");
    EXPECT_EQ(code_of(keyed.authorize(&bare, "search", nullptr)), "invalid_api_key");
    EXPECT_EQ(code_of(keyed.authorize(&blank, "search", nullptr)), "invalid_api_key");
    EXPECT_EQ(code_of(keyed.authorize(&wrong, "search", nullptr)), "invalid_api_key");
    EXPECT_EQ(code_of(keyed.authorize(&right, "search", nullptr)), "granted");
}

TEST(Authorize, TheAdminKeyAloneOpensTheOperatorsRoutes) {
    const KeyAuthenticator keyed({"masterKey", "adminKey"});
    const std::string master = "Bearer masterKey";
    const std::string admin = "Bearer adminKey";
    const std::string admin_key = "adminKey";
    const std::string wrong_key = "masterKey";
    EXPECT_FALSE(keyed.authorize_admin(&master, nullptr));
    EXPECT_TRUE(keyed.authorize_admin(&admin, nullptr));
    EXPECT_TRUE(keyed.authorize_admin(nullptr, &admin_key));
    EXPECT_FALSE(keyed.authorize_admin(&admin, &wrong_key));
    EXPECT_EQ(keyed.authorize_admin(nullptr, &wrong_key).error().status, 401);
    EXPECT_EQ(keyed.authorize_admin(&master, nullptr).error().status, 401);
    EXPECT_EQ(keyed.authorize_admin(&master, nullptr).error().code, "invalid_api_key");
    EXPECT_EQ(keyed.authorize_admin(nullptr, nullptr).error().status, 401);
    EXPECT_FALSE(keyed.authorize(&admin, "search", nullptr));
}

}  // namespace
}  // namespace miroir::auth
