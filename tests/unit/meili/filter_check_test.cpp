#include <gtest/gtest.h>

#include "miroir/meili/filterable_rules.hpp"

namespace miroir::meili {
namespace {

std::string refusal(std::string_view filter, std::string_view rules, const IsKnownAttribute& is_known = {}) {
    const auto parsed = parse_filter(filter, "invalid_search_filter");
    EXPECT_TRUE(parsed) << filter;
    if (!parsed) return "unparsed";
    const auto checked =
        check_filterable(parsed.value(), parse_filterable_rules(rules), "invalid_search_filter", is_known);
    return checked ? "" : checked.error().message;
}

constexpr std::string_view price_by_range =
    R"([{"attributePatterns":["pri*"],"features":{"facetSearch":false,)"
    R"("filter":{"equality":false,"comparison":true}}},"genres"])";

TEST(FilterableCheck, NamesThePatternsThatAreFilterable) {
    EXPECT_EQ(
        refusal(R"("author" = "x")", R"(["year","genres","id"])"),
        "Attribute `author` is not filterable. Available filterable attribute patterns are: `genres`, `id`, "
        "`year`.\n2:8 \"author\" = \"x\"");
    EXPECT_EQ(
        refusal("x = 1", "[]"),
        "Attribute `x` is not filterable. This index does not have configured filterable attributes.\n1:2 x "
        "= 1");
}

TEST(FilterableCheck, TheLastUnknownAttributeIsReported) {
    EXPECT_TRUE(refusal("a = 1 AND (b = 2 OR c = 3)", "[]").starts_with("Attribute `c`"));
    EXPECT_TRUE(refusal("a = 1 AND (b = 2 OR c = 3)", R"(["c"])").starts_with("Attribute `b`"));
}

TEST(FilterableCheck, OperatorsFollowTheFirstMatchingRule) {
    EXPECT_EQ(
        refusal("price = 30", price_by_range),
        "Filter operator `=` is not allowed for the attribute `price`.\n  - Note: allowed operators: OR, "
        "AND, "
        "NOT, <, >, <=, >=, TO, IS EMPTY, IS NULL, EXISTS.\n  - Note: field `price` matched rule #0 in "
        "`filterableAttributes`\n  - Hint: enable equality in rule #0 by modifying the features.filter "
        "object\n  - Hint: prepend another rule matching `price` with appropriate filter features before "
        "rule #0");
    EXPECT_EQ(refusal("price > 30 AND genres = x AND price EXISTS", price_by_range), "");
    EXPECT_NE(refusal("price IN [1]", price_by_range), "");
    EXPECT_EQ(refusal("price IN []", price_by_range), "");
}

TEST(FilterableCheck, OperatorsAreJudgedForKnownAttributesOnly) {
    const auto nothing_known = [](std::string_view) { return false; };
    EXPECT_EQ(refusal("price = 30", price_by_range, nothing_known), "");
}

TEST(FilterableCheck, PlainNamesCoverNestedOnes) {
    EXPECT_EQ(refusal("a.b > 1 AND a = 2", R"(["a"])"), "");
    EXPECT_NE(refusal("ab = 1", R"(["a"])"), "");
    EXPECT_NE(refusal("a.b = 1", R"([{"attributePatterns":["a"]}])"), "");
}

TEST(FilterableCheck, GeoArgumentsAreInRange) {
    EXPECT_EQ(
        refusal("_geoRadius(91, 0, 5)", R"(["_geo"])"),
        "Bad latitude `91`. Latitude must be contained between -90 and 90 degrees.\n12:14 _geoRadius(91, 0, "
        "5)");
    EXPECT_EQ(
        refusal("_geoRadius(0, 180.5, 5)", R"(["_geo"])"),
        "Bad longitude `180.5`. Longitude must be contained between -180 and 180 degrees. Hint: try using "
        "`-179.5` instead.\n15:20 _geoRadius(0, 180.5, 5)");
    EXPECT_EQ(
        refusal("_geoBoundingBox([1, 2], [3, 4])", R"(["_geo"])"),
        "The top latitude `1` is below the bottom latitude `3`.\n29:30 _geoBoundingBox([1, 2], [3, 4])");
    EXPECT_EQ(refusal("_geoRadius(1, 2, 3, 2)", R"(["_geo"])"),
              "Invalid resolution `2`. Resolution must be between 3 and 1000.\n21:22 _geoRadius(1, 2, 3, 2)");
    EXPECT_EQ(refusal("_geoPolygon([41, -10], [52, 10], [41, 20])", R"(["_geo","capital","continent"])"),
              "Attribute `_geojson` is not filterable. Available filterable attribute patterns are: `_geo`, "
              "`capital`, `continent`.\n14:16 _geoPolygon([41, -10], [52, 10], [41, 20])");
    EXPECT_TRUE(refusal("_geoRadius(1, 2, 3)", R"([{"attributePatterns":["_geo"]}])")
                    .starts_with("Attribute `_geo/_geojson` is not filterable."));
}

TEST(AttributePatterns, MatchStarsAtTheEndsOnly) {
    using enum PatternMatch;
    EXPECT_EQ(match_pattern("*", "a.b"), match);
    EXPECT_EQ(match_pattern("ab*", "ab"), match);
    EXPECT_EQ(match_pattern("ab*", "abc.d"), match);
    EXPECT_EQ(match_pattern("*ab", "cab"), match);
    EXPECT_EQ(match_pattern("*ab*", "cabd"), match);
    EXPECT_EQ(match_pattern("**", "anything"), match);
    EXPECT_EQ(match_pattern("a*b", "acb"), no_match);
    EXPECT_EQ(match_pattern("a", "a.b"), no_match);
    EXPECT_EQ(match_pattern("a.b", "a"), parent);
    EXPECT_EQ(match_pattern("a.b*", "a"), parent);
    EXPECT_EQ(match_attribute("a", "a.b"), match);
    EXPECT_EQ(match_attribute("a.b", "a"), parent);
    EXPECT_EQ(match_attribute("a", "ab"), no_match);
}

}  // namespace
}  // namespace miroir::meili
