#include "miroir/meili/sort.hpp"

#include <gtest/gtest.h>

#include "miroir/meili/ranking_rules.hpp"

namespace miroir::meili {
namespace {

std::string sort_fault(std::string_view text) {
    const auto parsed = parse_sort(text, "invalid_search_sort");
    return parsed ? "" : parsed.error().message;
}

TEST(SortExpressions, NameAnAttributeOrAPoint) {
    const auto price = parse_sort("a:b:desc", "invalid_search_sort");
    ASSERT_TRUE(price);
    EXPECT_EQ(price.value().attribute, "a:b");
    EXPECT_FALSE(price.value().ascending);
    const auto point = parse_sort("_geoPoint( 42.5 ,-59.):asc", "invalid_search_sort");
    ASSERT_TRUE(point);
    EXPECT_EQ(point.value().point->latitude, 42.5);
    EXPECT_EQ(point.value().point->longitude, -59);
    EXPECT_EQ(parse_sort("truc(12, 13):desc", "x").value().attribute, "truc(12, 13)");
}

TEST(SortExpressions, FaultsAreDescribedInTheEnginesWords) {
    EXPECT_EQ(sort_fault("year"),
              "Invalid syntax for the sort parameter: expected expression ending by `:asc` or `:desc`, found "
              "`year`.");
    EXPECT_EQ(sort_fault("_geoDistance:asc"),
              "`_geoDistance` is a reserved keyword and thus can't be used as a sort expression.");
    EXPECT_EQ(sort_fault("_geo:asc"),
              "`_geo` is a reserved keyword and thus can't be used as a sort expression. Use the "
              "_geoPoint(latitude, longitude) built-in rule to sort on _geo field coordinates.");
    EXPECT_EQ(sort_fault("_geoRadius(1, 2, 3):asc"),
              "`_geoRadius` is a reserved keyword and thus can't be used as a sort expression. Use the "
              "_geoPoint(latitude, longitude) built-in rule to sort on _geo field coordinates.");
    EXPECT_EQ(sort_fault("_geoPoint(35, 85, 75):asc"),
              "Invalid syntax for the geo parameter: expected expression formated like `_geoPoint(latitude, "
              "longitude)` and ending by `:asc` or `:desc`, found `_geoPoint(35, 85, 75)`.");
    EXPECT_EQ(sort_fault("_geoPoint(200, 200):asc"),
              "Bad latitude `200`. Latitude must be contained between -90 and 90 degrees.");
    EXPECT_EQ(
        sort_fault("_geoPoint(0, -180.5):desc"),
        "Bad longitude `-180.5`. Longitude must be contained between -180 and 180 degrees. Hint: try using "
        "`179.5` instead.");
}

std::string refusal(std::string_view text, const SortableAttributes& attributes) {
    const auto parsed = parse_sort(text, "invalid_search_sort");
    EXPECT_TRUE(parsed);
    const std::vector<SortExpression> sort = {parsed.value()};
    const auto checked = check_sortable(sort, attributes, "invalid_search_sort");
    return checked ? "" : checked.error().message;
}

TEST(SortableCheck, ListsWhatMayBeNamed) {
    EXPECT_EQ(refusal("title:asc", {{"year", "price"}, {}}),
              "Attribute `title` is not sortable. Available sortable attributes are: `price, year`.");
    EXPECT_EQ(refusal("_geoPoint(1, 2):asc", {}),
              "Attribute `_geo` is not sortable. This index does not have configured sortable attributes.");
    EXPECT_EQ(refusal("title:asc", {{"year", "price"}, std::set<std::string>{"year"}}),
              "Attribute `title` is not sortable. Available sortable attributes are: `year, "
              "<..hidden-attributes>`.");
    EXPECT_EQ(refusal("a.b:asc", {{"a"}, {}}), "");
    EXPECT_EQ(refusal("_geoPoint(1, 2):asc", {{"_geo"}, {}}), "");
}

TEST(RankingRules, AreBuiltInOrSortAnAttribute) {
    for (const auto* rule : {"words", "attributeRank", "price:asc", "it's spacy:desc", "price:asc:desc"}) {
        EXPECT_FALSE(ranking_rule_problem(rule)) << rule;
    }
    EXPECT_EQ(
        ranking_rule_problem("price"),
        "`price` ranking rule is invalid. Valid ranking rules are words, typo, sort, proximity, attribute, "
        "exactness and custom ranking rules.");
    EXPECT_EQ(ranking_rule_problem("_geo:asc"),
              "`_geo` is a reserved keyword and thus can't be used as a ranking rule");
    EXPECT_EQ(
        ranking_rule_problem("_geoPoint(42, 75):asc"),
        "`_geoPoint` is a reserved keyword and thus can't be used as a ranking rule. `_geoPoint` can only be "
        "used for sorting at search time");
    EXPECT_EQ(
        ranking_rule_problem("_geoRadius(42, 75, 59):asc"),
        "`_geoRadius` is a reserved keyword and thus can't be used as a ranking rule. `_geoRadius` can only "
        "be used for filtering at search time");
    EXPECT_EQ(ranked_attribute("a.b:desc"), "a.b");
    EXPECT_FALSE(ranked_attribute("sort"));
}

}  // namespace
}  // namespace miroir::meili
