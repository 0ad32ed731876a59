#include "miroir/meili/error.hpp"

#include <gtest/gtest.h>

namespace miroir::meili {
namespace {

TEST(Error, KnownCodesHaveTheirStatusTypeAndLink) {
    const ApiError missing = error("index_not_found", "m");
    EXPECT_EQ(missing.status, 404);
    EXPECT_EQ(missing.type, "invalid_request");
    EXPECT_EQ(missing.link, "https://docs.meilisearch.com/errors#index_not_found");

    EXPECT_EQ(error("invalid_api_key", "m").status, 403);
    EXPECT_EQ(error("invalid_api_key", "m").type, "auth");
    EXPECT_EQ(error("remote_timeout", "m").status, 502);
    EXPECT_EQ(error("remote_timeout", "m").type, "system");
    EXPECT_EQ(error("unretrievable_document", "m").status, 400);
    EXPECT_EQ(error("unretrievable_document", "m").type, "internal");
    EXPECT_EQ(error("invalid_search_q", "m").status, 400);
}

TEST(Error, MiroirCodesPointToItsOwnDocumentation) {
    const ApiError refused = error("miroir_no_quorum", "m");
    EXPECT_EQ(refused.status, 503);
    EXPECT_EQ(refused.link,
              "https://github.com/miroir-search/miroir/blob/main/docs/errors.md#miroir_no_quorum");
    EXPECT_EQ(error("miroir_reserved_field", "m").status, 400);
    EXPECT_EQ(error("miroir_headers_too_large", "m").status, 431);
}

TEST(Error, AnUnknownCodeBecomesInternal) {
    const ApiError bug = error("no_such_code", "m");
    EXPECT_EQ(bug.status, 500);
    EXPECT_EQ(bug.code, "internal");
}

TEST(Error, InputOutputErrorsExplainThemselves) {
    EXPECT_EQ(error("io_error", "broken").message,
              "broken. This error generally happens when you have no space left on device or when your "
              "database doesn't have read or write right.");
}

TEST(Error, IsPrintedWithFourMembersInOrder) {
    EXPECT_EQ(to_json(index_not_found("a\"b")),
              R"({"message":"Index `a\"b` not found.","code":"index_not_found","type":"invalid_request",)"
              R"("link":"https://docs.meilisearch.com/errors#index_not_found"})");
}

}  // namespace
}  // namespace miroir::meili
