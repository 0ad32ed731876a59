#include "miroir/meili/document_id.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "miroir/meili/error.hpp"
#include "miroir/meili/primary_key.hpp"
#include "padded.hpp"

namespace miroir::meili {
namespace {

using test::Padded;

constexpr auto json = PayloadFormat::json;
constexpr auto ndjson = PayloadFormat::ndjson;

// The ids, or the error's message.
std::vector<std::string> ids_of(std::string_view body, std::string_view key, PayloadFormat format = json) {
    const Padded padded(body);
    const auto batch = scan_documents(padded, format);
    const auto ids = extract_document_ids(batch.value(), key);
    if (!ids) {
        return {ids.error().code, ids.error().message};
    }
    std::vector<std::string> out;
    for (std::size_t i = 0; i < ids.value().size(); ++i) {
        out.emplace_back(ids.value()[i]);
    }
    return out;
}

using Texts = std::vector<std::string>;

TEST(ExtractDocumentIds, StringsAndIntegersHaveOneText) {
    EXPECT_EQ(ids_of(R"([{"id":1},{"id":"1"},{"id":18446744073709551615},{"id":-9223372036854775808},
                         {"a":{"id":3},"id":"A-z_9"},{"id":"\u0041b"},{"i\u0064":"\u0043"}, {"id":0}])",
                     "id"),
              (Texts{"1", "1", "18446744073709551615", "-9223372036854775808", "A-z_9", "Ab", "C", "0"}));
}

TEST(ExtractDocumentIds, OutliveTheBody) {
    auto body = std::make_unique<Padded>(R"([{"id":"abc"},{"id":7}])");
    auto batch = std::make_unique<DocumentBatch>(scan_documents(*body, json).value());
    const auto ids = extract_document_ids(*batch, "id");
    batch.reset();
    body.reset();
    EXPECT_EQ(ids.value()[0], "abc");
    EXPECT_EQ(ids.value()[1], "7");
}

TEST(DocumentIds, HoldTextsOfAnyLength) {
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < 2000; ++i) {
        texts.emplace_back(i * i % 700, static_cast<char>('a' + i % 26));
    }
    const DocumentIds ids(texts);
    ASSERT_EQ(ids.size(), texts.size());
    for (std::size_t i = 0; i < texts.size(); ++i) {
        ASSERT_EQ(ids[i], texts[i]);
    }
}

TEST(ExtractDocumentIds, AnIdHas511BytesAtMost) {
    const std::string longest(511, 'y');
    EXPECT_EQ(ids_of("[{\"id\":\"" + longest + "\"}]", "id"), Texts{longest});
    EXPECT_EQ(ids_of("[{\"id\":\"" + longest + "y\"}]", "id")[0], "invalid_document_id");
}

class InvalidIds : public testing::TestWithParam<std::pair<std::string, std::string>> {};

TEST_P(InvalidIds, AreShownAsTheEngineShowsThem) {
    const auto& [value, shown] = GetParam();
    EXPECT_EQ(
        ids_of("[{\"id\":1},{\"id\":" + value + "}]", "id"),
        (Texts{"invalid_document_id",
               "Document identifier `" + shown +
                   "` is invalid. A document identifier can be of type integer or string, only composed of "
                   "alphanumeric characters (a-z A-Z 0-9), hyphens (-) and underscores (_), and can not be "
                   "more than 511 bytes."}));
}

INSTANTIATE_TEST_SUITE_P(
    Every, InvalidIds,
    testing::Values(std::pair{"\"foo & bar\"", "\"foo & bar\""}, std::pair{"\"\"", "\"\""},
                    std::pair{"1.5", "1.5"}, std::pair{"1.0", "1.0"}, std::pair{"1e2", "100.0"},
                    std::pair{"-0", "-0.0"}, std::pair{"1.5e-7", "1.5e-7"}, std::pair{"null", "null"},
                    std::pair{"true", "true"}, std::pair{"[1, 2]", "[1,2]"}, std::pair{"\" a \"", "\" a \""},
                    std::pair{"\"\xc3\xa9\"", "\"\xc3\xa9\""}, std::pair{"\"a\\u0000\"", "\"a\\u0000\""},
                    std::pair{"{\"b\":1.0, \"b\" :[ 1e5,\"\\u00e9\\n\"] }",
                              "{\"b\":[100000.0,\"\xc3\xa9\\n\"]}"}));

TEST(ExtractDocumentIds, AMissingIdShowsTheDocument) {
    EXPECT_EQ(ids_of(R"([{"id":20}, {"title": "nobody", "n": {"id": 4}}])", "id"),
              (Texts{"missing_document_id",
                     R"(Document doesn't have a `id` attribute: `{"title":"nobody","n":{"id":4}}`.)"}));
    EXPECT_EQ(ids_of("{\"id\":1}\n{\"a\":1,\"a\":2}", "id", ndjson)[1],
              "Document doesn't have a `id` attribute: `{\"a\":2}`.");
    EXPECT_EQ(ids_of(R"([{"id":1}])", "")[0], "missing_document_id");
    EXPECT_EQ(ids_of(R"([{"":1}])", ".a")[0], "missing_document_id");
    EXPECT_EQ(ids_of(R"([{}])", "id")[1], "Document doesn't have a `id` attribute: `{}`.");
}

TEST(ExtractDocumentIds, TheLastOfEqualMembersCountsInJson) {
    EXPECT_EQ(ids_of(R"([{"id":"no good","id":2}])", "id"), Texts{"2"});
    EXPECT_EQ(ids_of(R"([{"a":{"b":1},"a":{"b":2}}])", "a.b"), Texts{"2"});
}

TEST(ExtractDocumentIds, EqualMembersAreTooManyInNdjson) {
    EXPECT_EQ(
        ids_of(R"({"uid":1,"uid":2})", "uid", ndjson),
        (Texts{"invalid_document_id", R"(Document have too many matching `uid` attribute: `{"uid":2}`.)"}));
    EXPECT_EQ(ids_of(R"({"a":{"b":1},"a":{"b":2}})", "a.b", ndjson)[0], "invalid_document_id");
    EXPECT_TRUE(
        ids_of(R"({"id":2,"id":"x y"})", "id", ndjson)[1].starts_with("Document identifier `\"x y\"`"));
}

TEST(ExtractDocumentIds, ADottedKeyIsAPathOrAName) {
    EXPECT_EQ(ids_of(R"([{"meta":{"uid":"a1"}},{"meta.uid":"a2"}])", "meta.uid"), (Texts{"a1", "a2"}));
    EXPECT_EQ(ids_of(R"([{"a.b":{"c":1}},{"a":{"b.c":2}},{"a":{"b":{"c":3}}}])", "a.b.c"),
              (Texts{"1", "2", "3"}));
    EXPECT_EQ(ids_of(R"([{"a":3}])", "a."), Texts{"3"});
    EXPECT_EQ(ids_of(R"([{"a":3}])", "a.b")[0], "missing_document_id");
    EXPECT_EQ(ids_of(R"([{"a":[{"b":1}]}])", "a.b")[0], "missing_document_id");
}

TEST(ExtractDocumentIds, ADottedKeyMustMatchOnce) {
    EXPECT_EQ(ids_of(R"([{"a":{"b":1},"a.b":2}])", "a.b"),
              (Texts{"invalid_document_id",
                     R"(Document have too many matching `a.b` attribute: `{"a":{"b":1},"a.b":2}`.)"}));
    EXPECT_EQ(ids_of(R"([{"a":{"b":1,"b":2}}])", "a.b")[1],
              R"(Document have too many matching `a.b` attribute: `{"a":{"b":2}}`.)");
    EXPECT_EQ(ids_of(R"([{"a":{"b":{"c":1},"b.c":2}}])", "a.b.c")[0], "invalid_document_id");
    EXPECT_TRUE(
        ids_of(R"([{"a.b":2,"a":{"b":"x y"}}])", "a.b")[1].starts_with("Document identifier `\"x y\"`"));
}

ApiError inference_error(std::string_view document) {
    const Padded padded(document);
    return infer_primary_key(padded).error();
}

TEST(InferPrimaryKey, TakesTheOnlyNameThatEndsWithId) {
    EXPECT_EQ(infer_primary_key(Padded(R"({"title":"x","bookId":1,"n":{"id":2}})")).value(), "bookId");
    EXPECT_EQ(infer_primary_key(Padded(R"({"ID":1})")).value(), "ID");
    EXPECT_EQ(infer_primary_key(Padded(R"({"uid":1,"uid":2})")).value(), "uid");
    EXPECT_EQ(infer_primary_key(Padded(R"({"pa\"i\u0064":1})")).value(), "pa\"id");
}

TEST(InferPrimaryKey, RefusesInTheEnginesWords) {
    EXPECT_EQ(
        inference_error(R"({"title":"x","n":{"id":3}})"),
        error("index_primary_key_no_candidate_found",
              "The primary key inference failed as the engine did not find any field ending with `id` in its "
              "name. Please specify the primary key manually using the `primaryKey` query parameter."));
    EXPECT_EQ(
        inference_error(R"({"uid":1,"Id":2,"aid":3})"),
        error(
            "index_primary_key_multiple_candidates_found",
            "The primary key inference failed as the engine found 3 fields ending with `id` in their names: "
            "'Id' and 'aid'. Please specify the primary key manually using the `primaryKey` query "
            "parameter."));
}

TEST(ChoosePrimaryKey, TheIndexesKeyComesFirst) {
    const Padded body(R"([{"skuid":1}])");
    const auto batch = scan_documents(body, json);
    EXPECT_EQ(choose_primary_key(batch.value(), "id", std::nullopt).value(), "id");
    EXPECT_EQ(choose_primary_key(batch.value(), "id", "id").value(), "id");
    EXPECT_EQ(choose_primary_key(batch.value(), "id", "sku").error(),
              error("index_primary_key_already_exists", "Index already has a primary key: `id`."));
    EXPECT_EQ(choose_primary_key(batch.value(), std::nullopt, "sku").value(), "sku");
    EXPECT_EQ(choose_primary_key(batch.value(), std::nullopt, std::nullopt).value(), "skuid");
}

TEST(ChoosePrimaryKey, NoDocumentTellsNothing) {
    const Padded body("[]");
    const auto batch = scan_documents(body, json);
    EXPECT_EQ(choose_primary_key(batch.value(), std::nullopt, std::nullopt).value(), std::nullopt);
    EXPECT_EQ(choose_primary_key(batch.value(), "id", "sku").value(), "id");
}

}  // namespace
}  // namespace miroir::meili
