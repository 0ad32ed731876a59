#include "miroir/scatter/merge_documents.hpp"

#include <gtest/gtest.h>

#include "answers.hpp"

namespace miroir::scatter {
namespace {

NodeDocuments a_list(const std::string& body, const std::string& settings = "{}") {
    auto query = meili::parse_documents_query(std::string_view(body));
    EXPECT_TRUE(query);
    auto list = node_documents(std::move(query).value(), context_of(settings));
    EXPECT_TRUE(list) << (list ? "" : list.error().message);
    return std::move(list).value();
}

std::string a_document(const std::string& members, std::uint32_t position) {
    return "{" + members + (members.empty() ? "" : ",") + markers(position) + "}";
}

std::string a_page(const std::vector<std::string>& documents, int total) {
    std::string list;
    for (const auto& document : documents) {
        list += (list.empty() ? "" : ",") + document;
    }
    return R"({"results":[)" + list + R"(],"offset":0,"limit":20,"total":)" + std::to_string(total) + "}";
}

std::string merged_list(const NodeDocuments& list, const Answers& answers) {
    const auto result = merge_documents(list, answers.list());
    EXPECT_TRUE(result) << (result ? "" : result.error().detail);
    return result ? result.value() : std::string();
}

TEST(MergeDocuments, WithoutSortTheOrderIsThatOfInsertion) {
    Answers answers;
    answers.add("n1", a_page({a_document(R"("id":1,"x":1.10)", 1), a_document(R"("id":4)", 4)}, 5));
    answers.add("n2", a_page({a_document(R"("id":2)", 2), a_document(R"("id":3)", 3)}, 7));
    EXPECT_EQ(
        merged_list(a_list("{}"), answers),
        R"({"results":[{"id":1,"x":1.10},{"id":2},{"id":3},{"id":4}],"offset":0,"limit":20,"total":12})");
    EXPECT_EQ(merged_list(a_list(R"({"offset":1,"limit":2})"), answers),
              R"({"results":[{"id":2},{"id":3}],"offset":1,"limit":2,"total":12})");
    EXPECT_EQ(merged_list(a_list(R"({"limit":0})"), answers),
              R"({"results":[],"offset":0,"limit":0,"total":12})");
}

TEST(MergeDocuments, NodesAreAskedForTheLeadingPartAndTheVersion) {
    const auto list =
        a_list(R"({"offset":3,"limit":4,"fields":["a"],"ids":["x",7],"filter":"a = 1","sort":["p.q:asc"]})");
    EXPECT_EQ(list.body_for({3}),
              R"({"fields":["a","p.q","_miroir_version"],"ids":["x",7],"sort":["p.q:asc"],"filter":["a = 1",)"
              R"("\"_miroir_shard\" IN [\")" +
                  meili::shard_marker(3) + R"(\"]"],"offset":0,"limit":7})");
}

TEST(MergeDocuments, SortTakesTheSmallestOrLargestValueOfAList) {
    const auto page = [](const std::string& direction) {
        Answers answers;
        const std::string one = a_document(R"("id":1,"v":[5,1])", 1);
        const std::string two = a_document(R"("id":2,"v":3)", 2);
        const std::string three = a_document(R"("id":3,"v":"Été")", 3);
        const std::string four = a_document(R"("id":4,"v":["etage",true])", 4);
        const bool up = direction == "asc";
        answers.add("n1", a_page(up ? std::vector{one, three} : std::vector{one, four}, 2));
        answers.add("n2", a_page(up ? std::vector{two, four} : std::vector{two, three}, 2));
        return merged_list(a_list(R"({"sort":["v:)" + direction + R"("],"fields":["id"]})"), answers);
    };
    EXPECT_EQ(page("asc").substr(0, 54), R"({"results":[{"id":1},{"id":2},{"id":4},{"id":3}],"offs)");
    EXPECT_EQ(page("desc").substr(0, 54), R"({"results":[{"id":1},{"id":2},{"id":4},{"id":3}],"offs)");
}

TEST(MergeDocuments, SortByDistanceReadsCoordinatesOfAnyKind) {
    Answers answers;
    answers.add("n1", a_page({a_document(R"("id":"oslo","_geo":{"lat":59.9,"lng":10.7})", 1),
                              a_document(R"("id":"la-paz","_geo":null)", 2)},
                             2));
    answers.add("n2", a_page({a_document(R"("id":"hamburg","_geo":{"lat":"53.55","lng":"9.99"})", 3),
                              a_document(R"("id":"rome","_geo":{"lng":12.5,"lat":41.9})", 4)},
                             2));
    EXPECT_EQ(merged_list(a_list(R"({"sort":["_geoPoint(59.9, 10.7):asc"],"fields":["id"]})"), answers)
                  .substr(0, 78),
              R"({"results":[{"id":"oslo"},{"id":"hamburg"},{"id":"rome"},{"id":"la-paz"}],"off)");
}

TEST(MergeDocuments, FieldsTakenForTheOrderAreNotShown) {
    Answers answers;
    answers.add("n1", a_page({a_document(R"("p":{"a":1,"q":2},"z":3)", 1)}, 1));
    EXPECT_EQ(merged_list(a_list(R"({"sort":["p.q:asc"],"fields":["p.a"]})"), answers),
              R"({"results":[{"p":{"a":1}}],"offset":0,"limit":20,"total":1})");
}

TEST(MergeDocuments, VectorsAreShownWhateverTheFields) {
    Answers answers;
    answers.add("n1", a_page({a_document(R"("a":1,"b":2,"_vectors":{"e":{}})", 1)}, 1));
    EXPECT_EQ(merged_list(a_list(R"({"sort":["b:asc"],"fields":["a"],"retrieveVectors":true})"), answers),
              R"({"results":[{"a":1,"_vectors":{"e":{}}}],"offset":0,"limit":20,"total":1})");
}

TEST(MergeDocuments, AFilterMayNotNameTheMarkers) {
    auto query = meili::parse_documents_query(std::string_view(R"({"filter":"_miroir_shard = 1"})"));
    ASSERT_TRUE(query);
    const auto list =
        node_documents(std::move(query).value(), context_of(R"({"filterableAttributes":["a"]})"));
    ASSERT_FALSE(list);
    EXPECT_EQ(list.error().code, "invalid_document_filter");
    EXPECT_EQ(
        list.error().message,
        "Attribute `_miroir_shard` is not filterable. Available filterable attribute patterns are: `a`.\n"
        "1:14 _miroir_shard = 1");
}

TEST(MergeDocuments, AnAnswerThatIsNoListIsNamed) {
    for (const std::string body :
         {"", "{}", "[]", R"({"results":[1],"total":1})", R"({"results":[],"total":"1"})",
          R"({"results":[{"a":1}],"total":1)", R"({"results":[],"total":1}})"}) {
        Answers answers;
        answers.add("good", a_page({}, 0));
        answers.add("bad", body);
        const auto result = merge_documents(a_list("{}"), answers.list());
        ASSERT_FALSE(result) << body;
        EXPECT_EQ(result.error().node, NodeId("bad"));
    }
}

}  // namespace
}  // namespace miroir::scatter
