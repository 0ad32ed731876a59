#include "miroir/meili/filter.hpp"

#include <gtest/gtest.h>

#include <sstream>

#include "miroir/meili/json_value.hpp"
#include "test_data.hpp"

namespace miroir::meili {
namespace {

constexpr std::string_view code = "invalid_search_filter";

Filter parsed(std::string_view text) {
    auto filter = parse_filter(text, code);
    EXPECT_TRUE(filter) << text << ": " << (filter ? "" : filter.error().message);
    return filter ? std::move(filter).value() : Filter{};
}

std::string rewritten(std::string_view text) {
    return canonical(parsed(text));
}

TEST(FilterSyntax, FaultsAreDescribedInTheEnginesWords) {
    std::istringstream lines(read_test_data("filter_messages.jsonl"));
    int count = 0;
    for (std::string line; std::getline(lines, line); ++count) {
        const auto recorded = parse_json(line);
        ASSERT_TRUE(recorded) << line;
        const auto& text = recorded.value().find("filter")->string;
        const auto filter = parse_filter(text, code);
        ASSERT_FALSE(filter) << text;
        EXPECT_EQ(filter.error().message, recorded.value().find("message")->string) << text;
        EXPECT_EQ(filter.error().code, code);
        EXPECT_EQ(filter.error().status, 400);
    }
    EXPECT_GT(count, 60);
}

TEST(FilterSyntax, BlankTextSelectsEverything) {
    EXPECT_TRUE(parsed("").empty());
    EXPECT_TRUE(parsed(" \t\n\u00a0").empty());
    EXPECT_EQ(rewritten(""), "");
}

TEST(FilterRewriting, QuotesValuesAndParenthesisesOperands) {
    EXPECT_EQ(rewritten("price = 42"), R"("price" = "42")");
    EXPECT_EQ(rewritten("id 1 TO 10"), R"("id" "1" TO "10")");
    EXPECT_EQ(rewritten("name != 'Alice'"), R"("name" != "Alice")");
    EXPECT_EQ(rewritten("deleted IS NULL"), R"("deleted" IS NULL)");
    EXPECT_EQ(rewritten("description CONTAINS 'rust'"), R"("description" CONTAINS "rust")");
    EXPECT_EQ(rewritten("foo = bar AND fizz = buzz"), R"(("foo" = "bar") AND ("fizz" = "buzz"))");
    EXPECT_EQ(rewritten("(foo = bar OR abc = xyz) AND count < 100"),
              R"((("foo" = "bar") OR ("abc" = "xyz")) AND ("count" < "100"))");
    EXPECT_EQ(rewritten(R"(_vectors."my_embedder".fragments."frag" EXISTS)"),
              R"(_vectors."my_embedder".fragments."frag" EXISTS)");
    EXPECT_EQ(rewritten("_geoRadius(1.1, 2.2, 3.3)"), "_geoRadius(1.1, 2.2, 3.3)");
    EXPECT_EQ(rewritten("_geoBoundingBox([1, 2],[3,4])"), "_geoBoundingBox([1, 2], [3, 4])");
    EXPECT_EQ(rewritten("_geoPolygon([1, 2], [3, 4], [5, 6],)"), "_geoPolygon([1, 2], [3, 4], [5, 6])");
    EXPECT_EQ(rewritten("a NOT IN [x, 'y z',]"), R"(NOT ("a" IN ["x", "y z"]))");
    EXPECT_EQ(rewritten("a IN []"), R"("a" IN [])");
    EXPECT_EQ(rewritten("_vectors.e.regenerate NOT EXISTS"), R"(NOT (_vectors."e".regenerate EXISTS))");
}

TEST(FilterRewriting, DoubleNegationsCancel) {
    EXPECT_EQ(rewritten("NOT NOT (NOT NOT x = 5)"), R"("x" = "5")");
    EXPECT_EQ(rewritten("NOT x NOT EXISTS"), R"("x" EXISTS)");
    EXPECT_EQ(rewritten("NOT NOT NOT x = 5"), R"(NOT ("x" = "5"))");
}

TEST(FilterRewriting, EscapesAreResolvedAndWrittenAsJson) {
    EXPECT_EQ(parsed(R"(title = 'foo\\')").root->values.front().text, "foo\\");
    EXPECT_EQ(parsed(R"(title = "\x41\102\u0043\u{1F600}\n\"\'\/")").root->values.front().text,
              "ABC\U0001F600\n\"'/");
    EXPECT_EQ(rewritten(R"(title = 'a\"b\\c')"), R"("title" = "a\"b\\c")");
}

TEST(FilterRewriting, AndBindsTighterThanOr) {
    EXPECT_EQ(rewritten("a = 1 AND b = 2 OR c = 3"), R"((("a" = "1") AND ("b" = "2")) OR ("c" = "3"))");
}

TEST(FilterDepth, ThirtySixParenthesesAreTheLimit) {
    const auto nested = [](std::size_t n) { return std::string(n, '(') + "x = 1" + std::string(n, ')'); };
    EXPECT_TRUE(parse_filter(nested(36), code));
    EXPECT_FALSE(parse_filter(nested(38), code));
    EXPECT_FALSE(parse_filter(std::string(100'000, '('), code));
}

TEST(FilterSpans, CountCharactersFromTheStartOfTheLine) {
    const auto filter = parsed("name = \"\u00e9\"\n AND \"gr\u00f6\u00dfe\" = 3");
    const auto& attribute = filter.root->children.back().attribute;
    EXPECT_EQ(attribute.span.locate("Here."), "Here.\n7:12 name = \"\u00e9\"\n AND \"gr\u00f6\u00dfe\" = 3");
}

TEST(FilterParameters, InnerListsAreAlternatives) {
    const FilterParameter parameter{{{"a = 1", "b = 2"}, {"c = 3"}, {""}, {"", " "}}};
    const auto filter = parse_filter(parameter, code);
    ASSERT_TRUE(filter);
    EXPECT_EQ(canonical(filter.value()), R"((("a" = "1") OR ("b" = "2")) AND ("c" = "3"))");
}

TEST(FilterParameters, OnlyBlanksAreNoFilter) {
    const auto filter = parse_filter(FilterParameter{{{""}, {" ", ""}}}, code);
    ASSERT_TRUE(filter);
    EXPECT_TRUE(filter.value().empty());
}

TEST(FilterParameters, AFaultIsLocatedInItsOwnElement) {
    const auto filter = parse_filter(FilterParameter{{{"a = 1"}, {"b = 2 c"}}}, code);
    ASSERT_FALSE(filter);
    EXPECT_TRUE(filter.error().message.ends_with("\n7:8 b = 2 c")) << filter.error().message;
}

TEST(ReservedNames, AreFoundWhereverAnAttributeStands) {
    EXPECT_TRUE(names_reserved(parsed("a = 1 AND NOT (b = 2 OR \"_miroir_shard\" IN [1])")));
    EXPECT_TRUE(names_reserved(parsed("'\\x5fmiroir_version' EXISTS")));
    EXPECT_TRUE(names_reserved(parsed("_foreign(a, _miroir_shard = 1)")));
    EXPECT_FALSE(names_reserved(parsed("a = _miroir_shard AND x_miroir_ = 2")));
    EXPECT_FALSE(names_reserved(Filter{}));
}

TEST(FilterFeatures, AreRequiredForTheirOperators) {
    const auto refused = check_features(parsed("title CONTAINS glass"), {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, "feature_not_enabled");
    EXPECT_EQ(
        refused.error().message,
        "Using `CONTAINS` in a filter requires enabling the `contains filter` experimental feature. See "
        "https://github.com/orgs/meilisearch/discussions/763\n7:15 title CONTAINS glass");
    EXPECT_TRUE(check_features(parsed("title CONTAINS glass"), {.contains_filter = true}));
    EXPECT_TRUE(check_features(parsed("title STARTS WITH glass"), {}));
    EXPECT_FALSE(check_features(parsed("a = 1 OR _vectors EXISTS"), {}));
    EXPECT_FALSE(check_features(parsed("_foreign(a, b = 1)"), {.contains_filter = true, .multimodal = true}));
    EXPECT_FALSE(check_features(parsed("_shard = 1"), {}));
}

}  // namespace
}  // namespace miroir::meili
