#include <gtest/gtest.h>

#include "answers.hpp"

namespace miroir::scatter {
namespace {

const std::string clause3 = R"(\"_miroir_shard\" IN [\")" + meili::shard_marker(3) + R"(\"])";

std::string body(const std::string& query, const std::string& settings = "{}") {
    return a_search(query, settings).body_for({3});
}

std::string message(const std::string& query, const std::string& settings = "{}") {
    const auto search = planned(query, settings);
    EXPECT_FALSE(search) << query;
    return search ? std::string() : search.error().code + " " + search.error().message;
}

TEST(SearchPlan, NodesAreAskedForScoresAndTheirShards) {
    EXPECT_EQ(body(R"({"q":"a \"b\""})"),
              R"({"q":"a \"b\"","showRankingScore":true,"showRankingScoreDetails":true,"filter":[")" +
                  clause3 + R"("],"offset":0,"limit":20})");
}

TEST(SearchPlan, TheShardClauseIsTheLastOfTheFilters) {
    const auto filter_of = [](const std::string& client) {
        const auto text = body(R"({"filter":)" + client + "}");
        const auto start = text.find("\"filter\":") + 9;
        return text.substr(start, text.find(",\"offset\"") - start);
    };
    const auto clause = "\"" + clause3 + "\"]";
    EXPECT_EQ(filter_of(R"("a = 1 OR b = 2")"), R"(["a = 1 OR b = 2",)" + clause);
    EXPECT_EQ(filter_of(R"(["a = 1",["b = 2","c = 3"]])"), R"(["a = 1",["b = 2","c = 3"],)" + clause);
    for (const std::string empty : {"null", "\"\"", "[]", "[[]]"}) {
        EXPECT_EQ(filter_of(empty), "[" + clause) << empty;
    }
}

TEST(SearchPlan, RulesOfTheGrantStandBetweenTheClientsFilterAndTheClause) {
    auto context = context_of("{}");
    context.rules.push_back({{{"tenant = 1"}, {"x = 1", "x = 2"}}});
    const auto search = node_search(meili::parse_search(R"({"filter":"a = 1"})").value(), context);
    ASSERT_TRUE(search);
    EXPECT_NE(search.value().body_for({3}).find(R"(["a = 1","tenant = 1",["x = 1","x = 2"],")" + clause3),
              std::string::npos);
}

TEST(SearchPlan, WindowIsCutAtMaxTotalHits) {
    const auto window = [](const std::string& query) {
        return a_search(query, R"({"pagination":{"maxTotalHits":50}})").window;
    };
    EXPECT_EQ(window("{}"), (Window{0, 20, 20}));
    EXPECT_EQ(window(R"({"offset":40,"limit":20})"), (Window{40, 50, 50}));
    EXPECT_EQ(window(R"({"offset":50,"limit":20})"), (Window{50, 50, 0}));
    EXPECT_EQ(window(R"({"limit":0})"), (Window{0, 0, 0}));
    EXPECT_EQ(window(R"({"offset":18446744073709551615,"limit":20})"), (Window{50, 50, 0}));
    EXPECT_EQ(window(R"({"page":3,"hitsPerPage":20})"), (Window{40, 50, 50}));
    EXPECT_EQ(window(R"({"page":2})"), (Window{20, 40, 40}));
    EXPECT_EQ(window(R"({"page":0})"), (Window{0, 0, 0}));
    EXPECT_EQ(window(R"({"hitsPerPage":0})"), (Window{0, 0, 0}));
    EXPECT_EQ(window(R"({"page":9223372036854775808,"hitsPerPage":4})"), (Window{50, 50, 50}));
}

TEST(SearchPlan, PageModeStaysPageMode) {
    const auto text = body(R"({"page":3,"hitsPerPage":7})");
    EXPECT_TRUE(text.ends_with(R"(,"page":1,"hitsPerPage":21})")) << text;
}

TEST(SearchPlan, RetrievedAttributesAreThoseDisplayedAndTheVersion) {
    const auto settings = R"({"displayedAttributes":["a","b.c"]})";
    const auto list = [](const std::string& text) {
        const auto start = text.find("\"attributesToRetrieve\":");
        return start == std::string::npos ? std::string()
                                          : text.substr(start + 23, text.find(']', start) - start - 22);
    };
    EXPECT_EQ(list(body("{}")), "");
    EXPECT_EQ(list(body(R"({"attributesToRetrieve":["x","*"]})")), "");
    EXPECT_EQ(list(body(R"({"attributesToRetrieve":["x","_miroir_shard"]})")), R"(["x","_miroir_version"])");
    EXPECT_EQ(list(body("{}", settings)), R"(["a","b.c","_miroir_version"])");
    EXPECT_EQ(list(body(R"({"attributesToRetrieve":["*","x"]})", settings)),
              R"(["a","b.c","_miroir_version"])");
    EXPECT_EQ(list(body(R"({"attributesToRetrieve":["b","a"]})", settings)), R"(["a","_miroir_version"])");
    EXPECT_EQ(list(body(R"({"attributesToRetrieve":[]})")), R"(["_miroir_version"])");
}

TEST(SearchPlan, FormattingIsLimitedToDisplayedAttributes) {
    const auto settings = R"({"displayedAttributes":["a","b"]})";
    const auto text = body(
        R"({"attributesToHighlight":["*"],"attributesToCrop":["*:5","c","b:2"],"cropLength":7})", settings);
    EXPECT_NE(text.find(R"("attributesToHighlight":["a","b"])"), std::string::npos) << text;
    EXPECT_NE(text.find(R"("attributesToCrop":["a:5","b:5","b:2"],"cropLength":7)"), std::string::npos)
        << text;
    EXPECT_EQ(body(R"({"attributesToHighlight":["c"]})", settings).find("Highlight"), std::string::npos);
    EXPECT_NE(body(R"({"attributesToHighlight":["*"]})").find(R"("attributesToHighlight":["*"])"),
              std::string::npos);
}

TEST(SearchPlan, DistinctComesFromTheQueryOrElseFromTheSettings) {
    const auto settings = R"({"distinctAttribute":"sku","filterableAttributes":["color"]})";
    EXPECT_NE(body("{}", settings).find(R"("distinct":"sku")"), std::string::npos);
    EXPECT_NE(body(R"({"distinct":"color"})", settings).find(R"("distinct":"color")"), std::string::npos);
    EXPECT_NE(body(R"({"attributesToRetrieve":["a"]})", settings).find(R"(["a","sku","_miroir_version"])"),
              std::string::npos);
    EXPECT_NE(body(R"({"page":1})", settings).find(R"("facets":["sku"])"), std::string::npos);
}

TEST(SearchPlan, PagesOfOneQueryChooseTheSameCover) {
    const auto choice = [](const std::string& query) { return a_search(query).cover_choice(); };
    EXPECT_EQ(choice(R"({"q":"a","limit":5})"), choice(R"({"q":"a","offset":50})"));
    EXPECT_NE(choice(R"({"q":"a"})"), choice(R"({"q":"b"})"));
    EXPECT_NE(choice(R"({"q":"a"})"), choice(R"({"q":"a","filter":"x = 1"})"));
}

TEST(SearchPlan, AFirstFetchAsksForLessOnlyWhenTotalsDoNotDependOnIt) {
    EXPECT_LT(a_search(R"({"limit":300})").first_fetch(5, 16), 200u);
    EXPECT_GE(a_search(R"({"limit":300})").first_fetch(5, 16), 94u);
    EXPECT_GT(a_search(R"({"limit":300})").first_fetch(8, 16),
              a_search(R"({"limit":300})").first_fetch(5, 16));
    EXPECT_EQ(a_search(R"({"limit":300})").first_fetch(16, 16), 300u);
    EXPECT_EQ(a_search(R"({"limit":3})").first_fetch(5, 16), 3u);
    EXPECT_EQ(a_search(R"({"limit":300,"rankingScoreThreshold":0.5})").first_fetch(5, 16), 300u);
    EXPECT_EQ(a_search(R"({"limit":300})", R"({"distinctAttribute":"a"})").first_fetch(5, 16), 300u);
}

TEST(SearchPlan, WhatOnlyNodesMayFilterByIsRefusedInMeilisearchsWords) {
    const auto settings = R"({"filterableAttributes":["id","year"],"distinctAttribute":"sku"})";
    EXPECT_EQ(
        message(R"({"filter":"id = 1 AND _miroir_shard = x"})", settings),
        "invalid_search_filter Index `books`: Attribute `_miroir_shard` is not filterable. Available "
        "filterable "
        "attribute patterns are: `id`, `year`.\n20:33 (\"id\" = \"1\") AND (\"_miroir_shard\" = \"x\")");
    EXPECT_EQ(message(R"({"filter":["'sku' = 3"]})", settings),
              "invalid_search_filter Index `books`: Attribute `sku` is not filterable. Available filterable "
              "attribute "
              "patterns are: `id`, `year`.\n2:5 \"sku\" = \"3\"");
    EXPECT_TRUE(
        planned(R"({"filter":"title = '_miroir_shard sku'"})", R"({"filterableAttributes":["title"]})"));
}

TEST(SearchPlan, RefusalsFollowTheClientsSettings) {
    const auto settings = R"({"filterableAttributes":["genres","id","year",
        {"attributePatterns":["x*"],"features":{"filter":{"equality":false,"comparison":false}}}],
        "sortableAttributes":["year","price"]})";
    EXPECT_EQ(message(R"({"distinct":"author"})", R"({"filterableAttributes":["genres","id","year"]})"),
              "invalid_search_distinct Index `books`: Attribute `author` is not filterable and thus, cannot "
              "be used as "
              "distinct attribute. Available filterable attributes patterns are: `genres, id, year`.");
    EXPECT_EQ(message(R"({"distinct":"_miroir_shard"})"),
              "invalid_search_distinct Index `books`: Attribute `_miroir_shard` is not filterable and thus, "
              "cannot be "
              "used as distinct attribute. This index does not have configured filterable attributes.");
    EXPECT_EQ(message(R"({"sort":["title:asc"]})", settings),
              "invalid_search_sort Index `books`: Attribute `title` is not sortable. Available sortable "
              "attributes are: "
              "`price, year`.");
    EXPECT_EQ(message(R"({"sort":["_geoPoint(1,2):asc"]})"),
              "invalid_search_sort Index `books`: Attribute `_geo` is not sortable. This index does not have "
              "configured "
              "sortable attributes.");
    EXPECT_EQ(
        message(R"({"sort":["price:desc"]})", R"({"sortableAttributes":["price"],"rankingRules":["words"]})"),
        "invalid_search_sort Index `books`: You must specify where `sort` is listed in the rankingRules "
        "setting to "
        "use the sort parameter at search time.");
    EXPECT_EQ(
        message(R"({"facets":["year","author"]})", R"({"filterableAttributes":["genres","id","year"]})"),
        "invalid_search_facets Invalid facet distribution: Pattern `author` is not filterable. Available "
        "filterable "
        "attributes patterns are: `genres, id, year`.");
    EXPECT_EQ(message(R"({"facets":["xy"]})", settings).substr(0, 104),
              "invalid_search_facets Invalid facet distribution: Attribute `xy` matched rule #3 in "
              "filterableAttributes");
    EXPECT_EQ(message(R"({"useNetwork":false})"),
              "feature_not_enabled passing `useNetwork` in a search query requires enabling the `network` "
              "experimental "
              "feature. See https://github.com/orgs/meilisearch/discussions/805");
}

TEST(SearchPlan, SortableAttributesThatAreHiddenAreNotNamed) {
    EXPECT_EQ(message(R"({"sort":["title:asc"]})",
                      R"({"sortableAttributes":["year","price"],"displayedAttributes":["year"]})"),
              "invalid_search_sort Index `books`: Attribute `title` is not sortable. Available sortable "
              "attributes are: "
              "`year, <..hidden-attributes>`.");
}

}  // namespace
}  // namespace miroir::scatter
