#include "miroir/scatter/merge_errors.hpp"

#include <gtest/gtest.h>

#include "miroir/meili/error.hpp"

namespace miroir::scatter {
namespace {

ApiError refusal(const std::string& code, const std::string& message) {
    return meili::error(code, message);
}

const ApiError bad_sort = refusal("invalid_search_sort", "no");
const ApiError unknown_field = refusal("invalid_search_attributes_to_search_on", "no");

TEST(MergeErrors, AUnanimousRefusalIsRelayed) {
    const auto judged = judge_errors({{NodeId("b"), bad_sort}, {NodeId("a"), bad_sort}}, 0, true);
    EXPECT_EQ(judged.verdict, Verdict::relay);
    EXPECT_EQ(judged.error, bad_sort);
}

TEST(MergeErrors, OneRefusalAmongAnswersIsNoAnswer) {
    EXPECT_EQ(judge_errors({{NodeId("b"), bad_sort}}, 2, true).verdict, Verdict::disagree);
    EXPECT_EQ(judge_errors({{NodeId("b"), bad_sort}, {NodeId("a"), unknown_field}}, 0, true).verdict,
              Verdict::disagree);
    EXPECT_EQ(judge_errors({{NodeId("a"), refusal("internal", "x")}}, 0, true).verdict, Verdict::disagree);
}

TEST(MergeErrors, WhatANodesDocumentsLackCountsAsNothingFound) {
    EXPECT_EQ(judge_errors({{NodeId("b"), unknown_field}}, 1, true).verdict, Verdict::use_answers);
    EXPECT_EQ(judge_errors({{NodeId("b"), unknown_field}}, 1, false).verdict, Verdict::disagree);
    EXPECT_EQ(judge_errors({{NodeId("b"), unknown_field}}, 0, true).verdict, Verdict::relay);
    EXPECT_EQ(judge_errors({}, 3, true).verdict, Verdict::use_answers);
    const auto no_geo =
        refusal("invalid_document_sort", "Attribute `_geo` is not sortable. This index does not have ..");
    EXPECT_EQ(judge_errors({{NodeId("b"), no_geo}}, 1, true).verdict, Verdict::use_answers);
}

class ClientErrors : public testing::Test {
protected:
    std::string message(const std::string& code, const std::string& text) {
        ErrorContext context{LogicalIndexUid("books"), PhysicalIndexUid("m-7f3"), &settings, &filter};
        const auto error = as_client_error(refusal(code, text), context);
        EXPECT_EQ(error.code, code);
        return error.message;
    }
    ClientSettings settings = client_settings(
        R"({"displayedAttributes":["title"],"filterableAttributes":[{"attributePatterns":["pri*"],
            "features":{"filter":{"equality":false,"comparison":true}}},"genres"]})");
    meili::FilterParameter filter;
};

TEST_F(ClientErrors, NameTheClientsIndex) {
    EXPECT_EQ(message("invalid_search_vector", "Index `m-7f3`: no."), "Index `books`: no.");
}

TEST_F(ClientErrors, AboutFiltersFollowTheClientsRules) {
    filter.all_of = {{"author = x"}};
    EXPECT_EQ(message("invalid_search_filter",
                      "Index `m-7f3`: Attribute `author` is not filterable. Available filterable attribute "
                      "patterns are: "
                      "`_miroir_shard`, `genres`, `pri*`.\n3:9 (\"author\" = \"x\") AND (\"_miroir_shard\" "
                      "IN [\"x\"])"),
              "Index `books`: Attribute `author` is not filterable. Available filterable attribute patterns "
              "are: `genres`, "
              "`pri*`.\n2:8 \"author\" = \"x\"");
    filter.all_of = {{"price = 30"}};
    EXPECT_EQ(
        message("invalid_search_filter", "Filter operator `=` is not allowed ... rule #1"),
        "Index `books`: Filter operator `=` is not allowed for the attribute `price`.\n  - Note: allowed "
        "operators: OR, "
        "AND, NOT, <, >, <=, >=, TO, IS EMPTY, IS NULL, EXISTS.\n  - Note: field `price` matched rule #0 in "
        "`filterableAttributes`\n  - Hint: enable equality in rule #0 by modifying the features.filter "
        "object\n  - Hint: "
        "prepend another rule matching `price` with appropriate filter features before rule #0");
}

TEST_F(ClientErrors, NeverShowTheClauseOrTheMarkers) {
    filter.all_of = {{"price > 30"}};
    EXPECT_EQ(message("invalid_search_filter",
                      "Index `m-7f3`: odd.\n1:2 (\"price\" > \"30\") AND (\"_miroir_shard\" IN [\"x\"])"),
              "Index `books`: odd.\n1:2 (\"price\" > \"30\")");
    EXPECT_EQ(message("invalid_facet_search_facet_name",
                      "are: `_miroir_shard, a`. are: `a, _miroir_shard, b`. `_miroir_shard`, `a`"),
              "are: `a`. are: `a, b`. `a`");
}

TEST_F(ClientErrors, NameOnlyDisplayedAttributes) {
    EXPECT_EQ(message("invalid_search_attributes_to_search_on",
                      "Index `m-7f3`: Attribute `x` is not searchable. Available searchable attributes are: "
                      "`_miroir_shard, author, title`."),
              "Index `books`: Attribute `x` is not searchable. Available searchable attributes are: `title, "
              "<..hidden-attributes>`.");
}

TEST(NodeErrors, AreReadFromTheirBodies) {
    const auto error = parse_node_error(400, R"({"message":"m","code":"c","type":"t","link":"l"})");
    ASSERT_TRUE(error);
    EXPECT_EQ(*error, (ApiError{400, "c", "t", "m", "l"}));
    for (const std::string body :
         {"", "<html>", "[]", R"({"message":"m"})", R"({"message":1,"code":"c","type":"t","link":"l"})"}) {
        EXPECT_FALSE(parse_node_error(502, body)) << body;
    }
}

}  // namespace
}  // namespace miroir::scatter
