#include "miroir/meili/search_query.hpp"

#include <gtest/gtest.h>

#include "miroir/meili/requests.hpp"
#include "miroir/meili/search_requests.hpp"

namespace miroir::meili {
namespace {

using Strings = std::vector<std::string>;

TEST(ParseSearch, AnEmptyBodyHasTheDefaults) {
    const auto query = parse_search("{}");
    ASSERT_TRUE(query);
    EXPECT_EQ(query.value().limit, 20U);
    EXPECT_EQ(query.value().crop_marker, "…");
    EXPECT_FALSE(query.value().q);
    EXPECT_FALSE(query.value().page_mode());
}

TEST(ParseSearch, ValuesReachTheQuery) {
    const auto parsed = parse_search(
        R"({"q":"x","offset":1,"page":3,"hitsPerPage":4,"attributesToRetrieve":["b","a"],)"
        R"("filter":[ "a = 1.10" ],"sort":["p:asc"],"facets":["*"],"matchingStrategy":"frequency",)"
        R"("rankingScoreThreshold":0.50,"locales":["fr","ja"],"hybrid":{"embedder":"e","semanticRatio":1e-1})"
        R"(,"vector":[1.0,2e0],"showRankingScore":true,"useNetwork":false})");
    ASSERT_TRUE(parsed);
    const SearchQuery& query = parsed.value();
    EXPECT_EQ(query.q, "x");
    EXPECT_EQ(query.offset, 1U);
    EXPECT_EQ(query.hits_per_page, 4U);
    EXPECT_TRUE(query.page_mode());
    EXPECT_EQ(query.attributes_to_retrieve, (Strings{"b", "a"}));
    EXPECT_EQ(query.filter_json, R"([ "a = 1.10" ])");
    EXPECT_EQ(query.matching_strategy, MatchingStrategy::frequency);
    EXPECT_EQ(query.ranking_score_threshold_json, "0.50");
    EXPECT_EQ(query.locales, (Strings{"fr", "ja"}));
    EXPECT_EQ(query.hybrid_json, R"({"embedder":"e","semanticRatio":1e-1})");
    EXPECT_EQ(query.vector_json, "[1.0,2e0]");
    EXPECT_EQ(query.use_network, false);
}

TEST(ParseSearch, NullLeavesNullableParametersAbsent) {
    const auto parsed = parse_search(
        R"({"q":null,"page":null,"filter":null,"facets":null,"hybrid":null,"vector":null,"media":null,)"
        R"("rankingScoreThreshold":null,"locales":null,"personalize":null,"useNetwork":null})");
    ASSERT_TRUE(parsed);
    const SearchQuery& query = parsed.value();
    EXPECT_FALSE(query.q || query.page || query.filter_json || query.facets || query.hybrid_json ||
                 query.vector_json || query.media_json || query.ranking_score_threshold_json ||
                 query.locales || query.personalize_json || query.use_network);
}

TEST(ParseSearch, QueryStringsGiveTheSameQueryAsBodies) {
    const auto parsed = parse_search(decode_query(
        "q=a+b&limit=%2B3&attributesToRetrieve=a,b&filter=x%20%3D%201&sort=p:asc,_geoPoint(1,2):desc&"
        "hybridEmbedder=e&hybridSemanticRatio=.25&vector=1,2.5&personalizeUserContext=me&"
        "rankingScoreThreshold=5e-1&matchingStrategy=all&locales=fr,&showRankingScore=true"));
    ASSERT_TRUE(parsed);
    const SearchQuery& query = parsed.value();
    EXPECT_EQ(query.q, "a b");
    EXPECT_EQ(query.limit, 3U);
    EXPECT_EQ(query.filter_json, R"("x = 1")");
    EXPECT_EQ(query.sort, (Strings{"p:asc", "_geoPoint(1,2):desc"}));
    EXPECT_EQ(query.hybrid_json, R"({"embedder":"e","semanticRatio":0.25})");
    EXPECT_EQ(query.vector_json, "[1.0,2.5]");
    EXPECT_EQ(query.personalize_json, R"({"userContext":"me"})");
    EXPECT_EQ(query.ranking_score_threshold_json, "0.5");
    EXPECT_EQ(query.locales, Strings{"fr"});
    EXPECT_EQ(query.matching_strategy, MatchingStrategy::all);
}

TEST(ParseSearch, AnEmbedderWithoutARatioGetsHalf) {
    const auto query = parse_search(decode_query("hybridEmbedder=e"));
    EXPECT_EQ(query.value().hybrid_json, R"({"embedder":"e","semanticRatio":0.5})");
}

TEST(ParseMultiSearch, QueriesRememberWhatTheyWereGiven) {
    const auto parsed = parse_multi_search(
        R"({"queries":[{"indexUid":"a","limit":5},{"indexUid":"b","limit":null,)"
        R"("federationOptions":{"weight":2}}],"federation":{ "limit":7,"facetsByIndex":{"a":["x"],"b":null})"
        R"(,"mergeFacets":{"maxValuesPerFacet":3},"distinct":"d"}})");
    ASSERT_TRUE(parsed);
    const MultiSearch& search = parsed.value();
    ASSERT_EQ(search.queries.size(), 2U);
    EXPECT_TRUE(search.queries[0].limit_given);
    EXPECT_EQ(search.queries[0].query.limit, 5U);
    EXPECT_FALSE(search.queries[1].limit_given);
    EXPECT_EQ(search.queries[1].query.limit, 20U);
    EXPECT_EQ(search.queries[1].federation_options->weight, 2);
    ASSERT_TRUE(search.federation);
    EXPECT_EQ(search.federation->limit, 7U);
    EXPECT_EQ(search.federation->facets_by_index.at("a"), Strings{"x"});
    EXPECT_FALSE(search.federation->facets_by_index.at("b"));
    EXPECT_TRUE(search.federation->merge_facets);
    EXPECT_EQ(search.federation->max_values_per_facet, 3U);
    EXPECT_TRUE(search.federation_json->starts_with("{ \"limit\":7"));
}

TEST(ParseFilterParameter, ArraysAreAnAndOfOrs) {
    const auto filter = parse_filter_parameter(R"(["a = 1",["b = 2","c = 3"]])", "invalid_search_filter");
    EXPECT_EQ(filter.value().all_of, (std::vector<Strings>{{"a = 1"}, {"b = 2", "c = 3"}}));
    EXPECT_TRUE(parse_filter_parameter("[]", "invalid_search_filter").value().empty());
}

TEST(ParseFilterParameter, OtherKindsAreRefusedWithTheCodeOfTheRoute) {
    const auto refused = parse_filter_parameter(R"({"a":1.50})", "invalid_document_filter");
    EXPECT_EQ(refused.error().code, "invalid_document_filter");
    EXPECT_EQ(refused.error().message,
              "Invalid syntax for the filter parameter: `expected String, Array, found: {\"a\":1.5}`.");
}

TEST(ParseFacetSearch, WholeSearchBodiesAreTaken) {
    const auto query =
        parse_facet_search(R"({"facetName":"genre","facetQuery":"fic","limit":"any","q":"x"})");
    ASSERT_TRUE(query);
    EXPECT_EQ(query.value().facet_name, "genre");
    EXPECT_EQ(query.value().facet_query, "fic");
}

TEST(ParseSimilar, IdsKeepTheirJson) {
    EXPECT_EQ(parse_similar(R"({"id":12,"embedder":"e"})").value().id_json, "12");
    EXPECT_EQ(parse_similar(decode_query("id=12&embedder=e")).value().id_json, "\"12\"");
}

TEST(ParseDocumentsQuery, BothFormsGiveTheSameQuery) {
    const auto body = parse_documents_query(R"({"fields":["a"],"ids":["x",5],"filter":"p = 1","limit":1})");
    EXPECT_EQ(body.value().fields, Strings{"a"});
    EXPECT_EQ(body.value().ids_json, (Strings{"\"x\"", "5"}));
    const auto query = parse_documents_query(decode_query("fields=a&ids=x,5&filter=p%20%3D%201&limit=1"));
    EXPECT_EQ(query.value().fields, Strings{"a"});
    EXPECT_EQ(query.value().ids_json, (Strings{"\"x\"", "\"5\""}));
    EXPECT_EQ(query.value().filter_json, body.value().filter_json);
    EXPECT_FALSE(parse_documents_query(decode_query("fields=a,*")).value().fields);
}

TEST(ParseDeleteBatch, OtherKindsAreStringified) {
    EXPECT_EQ(parse_delete_batch(R"([1,"a",null,{"b":[1.50]}])").value(),
              (Strings{"1", "a", "null", "{\"b\":[1.5]}"}));
}

TEST(ParseIndexSwaps, PairsKeepTheirOrder) {
    const auto swaps = parse_index_swaps(R"([{"indexes":["b","a"]},{"rename":true,"indexes":["c","d"]}])");
    ASSERT_EQ(swaps.value().size(), 2U);
    EXPECT_EQ(swaps.value()[0].first, "b");
    EXPECT_TRUE(swaps.value()[1].rename);
    EXPECT_TRUE(check_index_swaps(swaps.value()));
}

TEST(ParseDocumentWriteQuery, ValuesAreRead) {
    const auto query = parse_document_write_query(
        decode_query("primaryKey=id&csvDelimiter=%3B&customMetadata=job+7&skipCreation=TRUE"));
    EXPECT_EQ(query.value().primary_key, "id");
    EXPECT_EQ(query.value().csv_delimiter, ';');
    EXPECT_EQ(query.value().custom_metadata, "job 7");
    EXPECT_EQ(query.value().skip_creation, true);
}

}  // namespace
}  // namespace miroir::meili
