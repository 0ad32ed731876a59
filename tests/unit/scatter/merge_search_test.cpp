#include <gtest/gtest.h>

#include "answers.hpp"

namespace miroir::scatter {
namespace {

std::string words(int matching, int all) {
    return R"({"words":{"order":0,"matchingWords":)" + std::to_string(matching) + R"(,"maxMatchingWords":)" +
           std::to_string(all) + R"(,"score":0.5}})";
}

std::string sorted(const std::string& rule, const std::string& value) {
    return "{\"" + rule + R"(":{"order":0,"value":)" + value + "}}";
}

TEST(MergeSearch, EqualScoresFollowTheRankingRules) {
    Answers answers;
    answers.add("n1", an_answer({a_hit(R"("id":1)", 9, words(3, 3)), a_hit(R"("id":2)", 1, words(1, 3))}, 2));
    answers.add("n2", an_answer({a_hit(R"("id":3)", 5, words(2, 3))}, 1));
    EXPECT_EQ(hits_of(merged(a_search(R"({"q":"a b c"})"), answers)), R"([{"id":1},{"id":3},{"id":2}])");
}

TEST(MergeSearch, TiesFollowTheOrderOfInsertionThenTheNode) {
    Answers answers;
    answers.add("n2", an_answer({a_hit(R"("id":4)", 4), a_hit(R"("id":2)", 2)}, 2));
    answers.add("n1", an_answer({a_hit(R"("id":3)", 3), a_hit(R"("id":44)", 4)}, 2));
    EXPECT_EQ(hits_of(merged(a_search("{}"), answers)), R"([{"id":3},{"id":44},{"id":4},{"id":2}])");
}

TEST(MergeSearch, SortValuesAreNumbersThenTextsThenMissingInBothDirections) {
    for (const std::string direction : {"asc", "desc"}) {
        const auto hit = [&](int id, const std::string& value) {
            return a_hit("\"id\":" + std::to_string(id), 100 - id, sorted("price:" + direction, value));
        };
        const bool up = direction == "asc";
        Answers answers;
        answers.add("n1", an_answer({up ? hit(1, "2.0") : hit(2, "10.0"), hit(5, "null")}, 2));
        answers.add(
            "n2",
            an_answer({up ? hit(2, "10.0") : hit(1, "2.0"), up ? hit(3, "\"a\"") : hit(4, "\"b\"")}, 2));
        answers.add("n3", an_answer({up ? hit(4, "\"b\"") : hit(3, "\"a\"")}, 1));
        const auto search =
            a_search(R"({"sort":["price:)" + direction + R"("]})", R"({"sortableAttributes":["price"]})");
        EXPECT_EQ(hits_of(merged(search, answers)), up ? R"([{"id":1},{"id":2},{"id":3},{"id":4},{"id":5}])"
                                                       : R"([{"id":2},{"id":1},{"id":4},{"id":3},{"id":5}])");
    }
}

TEST(MergeSearch, NearestComesFirstAndPlacesWithoutCoordinatesLastInBothDirections) {
    for (const std::string direction : {"asc", "desc"}) {
        const auto hit = [&](int id, const std::string& distance) {
            return a_hit("\"id\":" + std::to_string(id), 1,
                         "{\"_geoPoint(1, 2):" + direction + R"(":{"order":0,"value":null,"distance":)" +
                             distance + "}}");
        };
        const bool up = direction == "asc";
        Answers answers;
        answers.add("n1", an_answer({hit(1, "5.5"), hit(3, "null")}, 2));
        answers.add("n2", an_answer({hit(2, "77.0")}, 1));
        const auto search = a_search(R"({"sort":["_geoPoint(1,2):)" + direction + R"("]})",
                                     R"({"sortableAttributes":["_geo"]})");
        EXPECT_EQ(hits_of(merged(search, answers)),
                  up ? R"([{"id":1},{"id":2},{"id":3}])" : R"([{"id":2},{"id":1},{"id":3}])");
    }
}

TEST(MergeSearch, HitsAfterACutSearchComeLast) {
    Answers answers;
    answers.add("n1", an_answer({a_hit(R"("id":1)", 1, R"({"skipped":{"order":0}})")}, 1));
    answers.add("n2", an_answer({a_hit(R"("id":2)", 2, words(1, 3))}, 1));
    EXPECT_EQ(hits_of(merged(a_search(R"({"q":"a"})"), answers)), R"([{"id":2},{"id":1}])");
}

TEST(MergeSearch, ReservedMembersAreCutWhereverTheyStand) {
    Answers answers;
    const std::string scores = R"(,"_rankingScore":1.0,"_rankingScoreDetails":{})";
    answers.add("n1", an_answer({"{" + markers(1) + scores + "}",
                                 "{" + markers(2) + R"(,"a":[1,{"_miroir_x":2}],"b":"\"_miroir_version\":")" +
                                     scores + "}",
                                 R"({"a":1.10,"_miroir_version":")" + version(3) +
                                     R"(","b":2,"_miroir_shard":"x")" + scores + "}",
                                 R"({ "a" : 1 , "_miroir_shard" : "x" , "b" : 2 , "_rankingScore" : 1 ,)"
                                 R"( "_rankingScoreDetails" : {} })"},
                                4));
    EXPECT_EQ(
        hits_of(merged(a_search("{}"), answers)),
        R"([{},{"a":[1,{"_miroir_x":2}],"b":"\"_miroir_version\":"},{"a":1.10,"b":2},{"a" : 1,"b" : 2}])");
}

TEST(MergeSearch, TheTimeOfExpiryIsTheNumberThatTheClientWrote) {
    std::string digits;
    meili::append_digits(digits, 1'764'000'000'123, meili::expiry_digits);
    Answers answers;
    answers.add("n1", an_answer({a_hit(R"("id":1,"_miroir_expires_at":")" + digits + R"(","x":2)", 1),
                                 a_hit(R"("id":2,"_miroir_expires_at":"soon")", 2)},
                                2));
    EXPECT_EQ(hits_of(merged(a_search("{}"), answers)),
              R"([{"id":1,"_miroir_expires_at":1764000000123,"x":2},{"id":2}])");
    const auto some = a_search(R"({"attributesToRetrieve":["id","x"]})");
    EXPECT_EQ(hits_of(merged(some, answers)), R"([{"id":1,"x":2},{"id":2}])");
    EXPECT_NE(a_search(R"({"attributesToRetrieve":["_miroir_expires_at"]})").prefix.find("expires"),
              std::string::npos);
}

TEST(MergeSearch, FormattedLosesReservedMembersAndGoesWhenNothingIsLeft) {
    const auto formatted = [](const std::string& inner) { return R"(,"_formatted":{)" + inner + "}"; };
    Answers answers;
    answers.add(
        "n1",
        an_answer(
            {a_hit(R"("id":1)", 1, "{}", formatted(R"("id":"1",)" + markers(1) + R"(,"t":"<em>x</em>")")),
             a_hit("", 2, "{}", formatted(markers(2))), a_hit(R"("id":3)", 3, "{}", formatted(markers(3)))},
            3));
    EXPECT_EQ(hits_of(merged(a_search(R"({"attributesToHighlight":["t"]})"), answers)),
              R"([{"id":1,"_formatted":{"id":"1","t":"<em>x</em>"}},{},{"id":3}])");
}

TEST(MergeSearch, MatchesAreThoseOfDisplayedAttributes) {
    Answers answers;
    answers.add("n1",
                an_answer({a_hit(R"("a":{"b":"x"})", 1, "{}",
                                 R"(,"_matchesPosition":{"a.b":[{"start":0,"length":1}],"c":[],"ab":[]})"),
                           a_hit("", 2, "{}", R"(,"_matchesPosition":{"c":[]})")},
                          2));
    const auto search =
        a_search(R"({"q":"x","showMatchesPosition":true})", R"({"displayedAttributes":["a"]})");
    EXPECT_EQ(
        hits_of(merged(search, answers)),
        R"([{"a":{"b":"x"},"_matchesPosition":{"a.b":[{"start":0,"length":1}]}},{"_matchesPosition":{}}])");
}

TEST(MergeSearch, ScoresAreShownOnlyWhenAskedFor) {
    Answers answers;
    answers.add("n1", an_answer({a_hit(R"("id":1)", 1, words(1, 1))}, 1));
    EXPECT_EQ(hits_of(merged(a_search(R"({"showRankingScore":true})"), answers)),
              R"([{"id":1,"_rankingScore":1.0}])");
    EXPECT_EQ(hits_of(merged(a_search(R"({"showRankingScoreDetails":true})"), answers)),
              R"([{"id":1,"_rankingScoreDetails":)" + words(1, 1) + "}]");
}

TEST(MergeSearch, SortRulesOnHiddenAttributesAreRedacted) {
    Answers answers;
    answers.add("n1",
                an_answer({a_hit(R"("a":1)", 1,
                                 R"({"a:asc":{"order":0,"value":1.0},"a.b:desc":{"order":1,"value":"x"}})")},
                          1));
    const auto search = a_search(R"({"showRankingScoreDetails":true,"sort":["a:asc","a.b:desc"]})",
                                 R"({"displayedAttributes":["a"],"sortableAttributes":["a"]})");
    EXPECT_EQ(hits_of(merged(search, answers)),
              R"([{"a":1,"_rankingScoreDetails":{"a:asc":{"order":0,"value":1.0},)"
              R"("<hidden-rule-1>":{"order":1,"value":"<hidden>"}}}])");
}

TEST(MergeSearch, TheRuleThatBreaksTiesIsNotShown) {
    Answers answers;
    answers.add(
        "n1",
        an_answer(
            {a_hit(R"("a":1)", 1,
                   R"({"a:asc":{"order":0,"value":1.0},"_miroir_version:asc":{"order":1,"value":"x"}})")},
            1));
    EXPECT_EQ(hits_of(merged(a_search(R"({"showRankingScoreDetails":true})"), answers)),
              R"([{"a":1,"_rankingScoreDetails":{"a:asc":{"order":0,"value":1.0}}}])");
}

TEST(MergeSearch, ADocumentsOwnMembersMayHaveTheEnginesNames) {
    Answers answers;
    answers.add("n1", an_answer({R"({"_rankingScore":"mine","_rankingScoreDetails":"mine","_formatted":3,)" +
                                 markers(1) + R"(,"_rankingScore":0.5,"_rankingScoreDetails":{}})"},
                                1));
    EXPECT_EQ(hits_of(merged(a_search("{}"), answers)),
              R"([{"_rankingScoreDetails":"mine","_formatted":3}])");
}

TEST(MergeSearch, KeysComeInMeilisearchsOrder) {
    Answers answers;
    const std::string facets = R"(,"facetDistribution":{"a":{"x":1}},"facetStats":{})";
    answers.add("n1",
                an_answer({a_hit(R"("a":"x")", 1)}, 1, facets + R"(,"performanceDetails":{"search":"1ms"})"));
    const auto search = a_search(R"({"q":"x\n","facets":["a"],"showPerformanceDetails":true})",
                                 R"({"filterableAttributes":["a"]})");
    const auto result = merge_search(search, answers.list(), {"uid", 7, R"({"query":"x"})"});
    ASSERT_TRUE(result);
    EXPECT_EQ(
        result.value().body,
        R"({"hits":[{"a":"x"}],"query":"x\n","processingTimeMs":7,"limit":20,"offset":0,)"
        R"("estimatedTotalHits":1,)"
        R"("facetDistribution":{"a":{"x":1}},"facetStats":{},"requestUid":"uid","metadata":{"query":"x"},)"
        R"("performanceDetails":{"search":"1ms"}})");
}

TEST(MergeSearch, DuplicatesByDistinctAreDroppedAcrossNodes) {
    Answers answers;
    answers.add("n1", an_answer({a_hit(R"("id":1,"g":"Tee")", 1), a_hit(R"("id":3,"g":1.0)", 3),
                                 a_hit(R"("id":5)", 5)},
                                3));
    answers.add("n2", an_answer({a_hit(R"("id":2,"g":" tee")", 2), a_hit(R"("id":4,"g":1)", 4),
                                 a_hit(R"("id":6,"g":null)", 6)},
                                3));
    const auto search =
        a_search(R"({"distinct":"g","attributesToRetrieve":["id"]})", R"({"filterableAttributes":["g"]})");
    const auto body = merged(search, answers);
    EXPECT_EQ(hits_of(body), R"([{"id":1},{"id":3},{"id":5},{"id":6}])");
    EXPECT_NE(body.find(R"("estimatedTotalHits":4)"), std::string::npos);
}

TEST(MergeSearch, PagesOfADistinctSearchCountGroups) {
    const auto answer = [](const std::string& hit, int total, const std::string& groups) {
        return R"({"hits":[)" + hit +
               R"(],"query":"","processingTimeMs":1,"hitsPerPage":1,"page":1,"totalPages":1,"totalHits":)" +
               std::to_string(total) + R"(,"facetDistribution":{"g":{)" + groups +
               R"(}},"facetStats":{},"requestUid":"x"})";
    };
    Answers answers;
    answers.add("n1", answer(a_hit(R"("id":1,"g":"tee")", 1), 4, R"("tee":1,"hat":1,"sock":1)"));
    answers.add("n2", answer(a_hit(R"("id":2,"g":"tee")", 2), 3, R"("Hat":1,"tee":1)"));
    const auto search = a_search(R"({"page":1,"hitsPerPage":1,"attributesToRetrieve":["id"]})",
                                 R"({"distinctAttribute":"g"})");
    EXPECT_TRUE(search.distinct_facet_added);
    EXPECT_EQ(merged(search, answers),
              R"({"hits":[{"id":1}],"query":"","processingTimeMs":7,"hitsPerPage":1,"page":1,)"
              R"("totalPages":5,"totalHits":5,)"
              R"("requestUid":"uid"})");
}

TEST(MergeSearch, FacetsForgetDroppedDuplicates) {
    Answers answers;
    const auto facets = [](const std::string& values) {
        return R"(,"facetDistribution":{"c":{)" + values + R"(}},"facetStats":{})";
    };
    answers.add("n1", an_answer({a_hit(R"("id":1,"g":"tee","c":["Red"])", 1)}, 1, facets(R"("Red":1)")));
    answers.add("n2", an_answer({a_hit(R"("id":2,"g":"tee","c":["Red","blue"])", 2)}, 1,
                                facets(R"("Red":1,"blue":1)")));
    const auto search = a_search(R"({"distinct":"g","facets":["c"],"attributesToRetrieve":["id"]})",
                                 R"({"filterableAttributes":["g","c"]})");
    const auto body = merged(search, answers);
    EXPECT_EQ(hits_of(body), R"([{"id":1}])");
    EXPECT_NE(body.find(R"("facetDistribution":{"c":{"Red":1}})"), std::string::npos) << body;
}

TEST(MergeSearch, AttributesTakenForTheMergeAreNotShown) {
    Answers answers;
    answers.add(
        "n1",
        an_answer({a_hit(R"("p":{"name":"x","group":{"id":7}},"q":[{"group":1},{"b":2,"group":3}])", 1)}, 1));
    const auto search = a_search(R"({"distinct":"p.group.id","attributesToRetrieve":["p.name","q.b"]})",
                                 R"({"filterableAttributes":["p.group"]})");
    EXPECT_EQ(hits_of(merged(search, answers)), R"([{"p":{"name":"x"},"q":[{"b":2}]}])");
}

TEST(MergeSearch, AListThatRanOutIsFetchedAgain) {
    Answers answers;
    answers.add("n1", an_answer({a_hit(R"("id":1)", 1), a_hit(R"("id":2)", 2)}, 9, ""), 2);
    answers.add("n2", an_answer({a_hit(R"("id":3)", 3)}, 1, ""), 2);
    const auto result = merge_search(a_search(R"({"limit":3})"), answers.list(), test_facts);
    ASSERT_TRUE(result);
    EXPECT_EQ(result.value().need_more, std::vector<NodeId>{NodeId("n1")});
    EXPECT_TRUE(result.value().body.empty());
    const auto enough = merge_search(a_search(R"({"limit":2})"), answers.list(), test_facts);
    ASSERT_TRUE(enough);
    EXPECT_TRUE(enough.value().need_more.empty());
}

class BadAnswer : public testing::TestWithParam<std::string> {};

TEST_P(BadAnswer, IsNamedAndNeverTakenForAnEmptyOne) {
    Answers answers;
    answers.add("good", an_answer({}, 0, R"(,"facetDistribution":{},"facetStats":{})"));
    answers.add("bad", GetParam());
    const auto search = a_search(R"({"facets":["a"]})", R"({"filterableAttributes":["a"]})");
    const auto result = merge_search(search, answers.list(), test_facts);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().node, NodeId("bad"));
    EXPECT_FALSE(result.error().detail.empty());
}

INSTANTIATE_TEST_SUITE_P(
    Every, BadAnswer,
    testing::Values("", "null", "[]", "{}", "{\"hits\":[]}", R"({"hits":{},"estimatedTotalHits":1})",
                    R"({"hits":[1],"estimatedTotalHits":1})", R"({"hits":[{"id":1}],"estimatedTotalHits":1})",
                    R"({"hits":[],"estimatedTotalHits":-1})", R"({"hits":[],"estimatedTotalHits":1)",
                    R"({"hits":[],"estimatedTotalHits":1})", "<html>502</html>",
                    an_answer({}, 1, R"(,"facetDistribution":{"a":3},"facetStats":{})"),
                    an_answer({}, 1, R"(,"facetDistribution":{},"facetStats":{"a":{"min":1}})"),
                    an_answer({}, 1, R"(,"facetDistribution":{},"facetStats":{})") + "x",
                    an_answer({a_hit("\"id\":1", 1, R"({"words":{"order":0,"matchingWords":"x"}})")}, 1)));

}  // namespace
}  // namespace miroir::scatter
