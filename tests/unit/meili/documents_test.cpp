#include "miroir/meili/documents.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "miroir/meili/error.hpp"
#include "miroir/meili/markers.hpp"
#include "padded.hpp"

namespace miroir::meili {
namespace {

using test::Padded;

constexpr auto json = PayloadFormat::json;
constexpr auto ndjson = PayloadFormat::ndjson;

std::vector<std::string> documents_of(const DocumentBatch& batch) {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < batch.size(); ++i) {
        out.emplace_back(batch[i]);
    }
    return out;
}

std::vector<std::string> scanned(std::string_view body, PayloadFormat format) {
    const Padded padded(body);
    const auto batch = scan_documents(padded, format);
    return batch ? documents_of(batch.value()) : std::vector<std::string>{"error: " + batch.error().message};
}

ApiError fault_of(std::string_view body, PayloadFormat format) {
    const Padded padded(body);
    const auto batch = scan_documents(padded, format);
    return batch ? ApiError{} : batch.error();
}

using Documents = std::vector<std::string>;

TEST(ScanDocuments, FindsTheSpansOfAList) {
    EXPECT_EQ(scanned(" [ {\"id\":1} ,\n{ \"id\" : 2 , \"a\":{\"b\":[1,{}]} }]", json),
              (Documents{"{\"id\":1}", "{ \"id\" : 2 , \"a\":{\"b\":[1,{}]} }"}));
}

TEST(ScanDocuments, SpansPointIntoTheBody) {
    const Padded body("[{\"id\":1}]");
    const auto batch = scan_documents(body, json);
    ASSERT_TRUE(batch);
    EXPECT_EQ(batch.value()[0].data(), body.text().data() + 1);
}

TEST(ScanDocuments, TakesASingleObject) {
    EXPECT_EQ(scanned(" {} ", json), Documents{"{}"});
}

TEST(ScanDocuments, AnEmptyListIsNoDocument) {
    EXPECT_EQ(scanned("[ ]", json), Documents{});
}

TEST(ScanDocuments, NeverLooksBehindAList) {
    EXPECT_EQ(scanned("[{\"id\":1}] x", json), Documents{"{\"id\":1}"});
    EXPECT_EQ(scanned("[{\"id\":1}]\xff", json), Documents{"{\"id\":1}"});
}

TEST(ScanDocuments, NdjsonIsAnyWhitespaceBetweenObjects) {
    EXPECT_EQ(scanned("{\"id\":11}\n\n  \n{\"id\":12,\n\"a\":2}{}", ndjson),
              (Documents{"{\"id\":11}", "{\"id\":12,\n\"a\":2}", "{}"}));
    EXPECT_EQ(scanned(" \n", ndjson), Documents{});
}

TEST(ScanDocuments, BracesInStringsAreText) {
    EXPECT_EQ(scanned(R"([{"a":"}]\"{","b":"\\"},{"c":"\u00e9\ud83d\ude00"}])", json),
              (Documents{R"({"a":"}]\"{","b":"\\"})", R"({"c":"\u00e9\ud83d\ude00"})"}));
}

TEST(ScanDocuments, LeavesNumbersAlone) {
    const std::string document =
        R"({"a":123456789012345678901234567890,"b":1.10,"c":1E+5,"d":-0,"e":0.0e-0})";
    EXPECT_EQ(scanned("[" + document + "]", json), Documents{document});
}

TEST(ScanDocuments, AnEmptyBodyIsAMissingPayload) {
    EXPECT_EQ(fault_of("", json), error("missing_payload", "A json payload is missing."));
    EXPECT_EQ(fault_of("", ndjson), error("missing_payload", "A ndjson payload is missing."));
    EXPECT_EQ(fault_of("", PayloadFormat::csv), error("missing_payload", "A csv payload is missing."));
}

struct BadBody {
    PayloadFormat format;
    std::string body;
    // What the engine says; without the common start for malformed_payload.
    std::string reason;
    std::string code = "malformed_payload";
};

class BadBodies : public testing::TestWithParam<BadBody> {};

TEST_P(BadBodies, AreRefusedWithTheEnginesWords) {
    const BadBody& bad = GetParam();
    std::string message = bad.reason;
    if (bad.code == "malformed_payload") {
        message = "The `" + std::string(name_of(bad.format)) +
                  "` payload provided is malformed. `Couldn't serialize document value: " + bad.reason + "`.";
    }
    EXPECT_EQ(fault_of(bad.body, bad.format), error(bad.code, message)) << bad.body;
}

const std::string wrong_root = "data are neither an object nor a list of objects";
const std::string half_pair = "unexpected end of hex escape at line 1 column ";
const std::string control = "control character (\\u0000-\\u001F) found while parsing a string at line ";

INSTANTIATE_TEST_SUITE_P(
    JsonList, BadBodies,
    testing::Values(
        BadBody{json, "[{\"id\": 2, }]", "key must be a string at line 1 column 12"},
        BadBody{json, "[1,2]", "trailing characters at line 1 column 4"},
        BadBody{json, "[1 2]", "trailing characters at line 1 column 4"},
        BadBody{json, "[", "EOF while parsing a list at line 1 column 1"},
        BadBody{json, "[{\"id\":1}", "EOF while parsing a list at line 1 column 9"},
        BadBody{json, "[{\"id\":1},", "EOF while parsing a value at line 1 column 10"},
        BadBody{json, "[{\"id\":1},]", "trailing comma at line 1 column 11"},
        BadBody{json, "[{\"id\":1},3,4]", "trailing characters at line 1 column 13"},
        BadBody{json, "[3,x]", "trailing characters at line 1 column 4"},
        BadBody{json, "[[1],x]", "trailing characters at line 1 column 6"},
        BadBody{json, "[1x]", "trailing characters at line 1 column 3"},
        BadBody{json, "[{\"id\":1}x", "expected `,` or `]` at line 1 column 10"},
        BadBody{json, "[{\"id\":1},\n\n {\"id\":1 \"b\"}]", "expected `,` or `}` at line 3 column 10"},
        BadBody{json, "[{\"a\":[1,]}]", "expected value at line 1 column 10"},
        BadBody{json, "[{\"a\":\"\n\"}]", control + "1 column 7"},
        BadBody{json, "[{\"a\":-}]", "invalid number at line 1 column 8"},
        BadBody{json, "[{\"a\":\"\\x\"}]", "invalid escape at line 1 column 9"},
        BadBody{json, "[{\"a\":\"\\u12\"}]", "invalid escape at line 1 column 13"},
        BadBody{json, "[{\"a\":tru}]", "expected ident at line 1 column 10"},
        BadBody{json, "[{\"id\":1,\"\\ud800\":1}]", half_pair + "16"},
        BadBody{json, "[{\"id\":1},{\"id\":2,\"\\ud800\":1}]", half_pair + "16"},
        BadBody{json, "[{\"a\":1,\"\\ud800\":2},{\"id\":3}]", "trailing characters at line 1 column 21"},
        BadBody{json, "[\"\\ud800\"]", half_pair + "8"},
        BadBody{json, "[1e999]", "number out of range at line 1 column 5"},
        BadBody{json, "[{\"id\":1,\"a\":\"\xff\"}]", "invalid unicode code point at line 1 column 17"},
        BadBody{json, "[{\"id\":1,\"\xff\":1}]", "invalid unicode code point at line 1 column 15"},
        BadBody{json, "[{\"id\":1,\"a\":\xff}]", "expected value at line 1 column 14"},
        BadBody{json, "\xef\xbb\xbf[{\"id\":1}]", "expected value at line 1 column 1"}));

INSTANTIATE_TEST_SUITE_P(
    OtherJson, BadBodies,
    testing::Values(
        BadBody{json, "\"hello\"", wrong_root}, BadBody{json, "1", wrong_root},
        BadBody{json, "1 x", wrong_root}, BadBody{json, "1x", wrong_root}, BadBody{json, "null", wrong_root},
        BadBody{json, "tru", "EOF while parsing a value at line 1 column 3"},
        BadBody{json, "nul", "EOF while parsing a value at line 1 column 3"},
        BadBody{json, "   ", "EOF while parsing a value at line 1 column 3"},
        BadBody{json, "-", "EOF while parsing a value at line 1 column 1"},
        BadBody{json, "\"a", "EOF while parsing a string at line 1 column 2"},
        BadBody{json, "1e999", "number out of range at line 1 column 5"},
        BadBody{json, "01", "invalid number at line 1 column 2"},
        BadBody{json, "}", "expected value at line 1 column 1"},
        BadBody{json, "{\"id\":1} x", "trailing characters at line 1 column 10"},
        BadBody{json, "{\"id\":1}{\"id\":2}", "trailing characters at line 1 column 9"},
        BadBody{json, "{\"id\":1,", "EOF while parsing a value at line 1 column 8"},
        BadBody{json, "{\"id\":1,}", "trailing comma at line 1 column 9"},
        BadBody{json, "{\"id\":", "EOF while parsing a value at line 1 column 6"},
        BadBody{json, "{\"id\" 1}", "expected `:` at line 1 column 7"},
        BadBody{json, "{,", "key must be a string at line 1 column 2"},
        BadBody{json, "{\"a\":[1,]}", "trailing comma at line 1 column 9"},
        BadBody{json, "{\"a\":\"\n\"}", control + "2 column 0"},
        BadBody{json, "{\"a\":-}", "invalid number at line 1 column 7"},
        BadBody{json, "{\"a\":1.}", "invalid number at line 1 column 8"},
        BadBody{json, "{\"id\":1,\"a\":1e999}", "number out of range at line 1 column 17"},
        BadBody{json, "{\"id\":1,\"a\":\"\\ud800\"}", half_pair + "20"},
        BadBody{json, "{\"id\":1,\"a\":\"\xff\"}", "invalid unicode code point at line 1 column 15"},
        BadBody{json, "{\"id\":1,\"a\":" + std::string(127, '[') + "1" + std::string(127, ']') + "}",
                "recursion limit exceeded at line 1 column 139"}));

INSTANTIATE_TEST_SUITE_P(
    Ndjson, BadBodies,
    testing::Values(
        BadBody{ndjson, "{\"id\":21}\n{\"id\":22,}\n", "key must be a string at line 2 column 10"},
        BadBody{ndjson, "{\"id\":1},{\"id\":2}", "expected value at line 1 column 9"},
        BadBody{ndjson, "{\"id\":1}\n{\"id\":", "EOF while parsing a value at line 2 column 6"},
        BadBody{ndjson, "{\"id\":1}\n{\"id\":2", "EOF while parsing an object at line 2 column 7"},
        BadBody{ndjson, "{\"id\":1}\n {\"id\":2,\"a\":\n,}", "expected value at line 3 column 1"},
        BadBody{ndjson, "tru", "EOF while parsing a value at line 1 column 3"},
        BadBody{ndjson, "{\"id\":1,\"\\ud800\":1}", half_pair + "16"},
        BadBody{ndjson, "{\"id\":1,\"a\":\"\xff\"}", "invalid unicode code point at line 1 column 16"},
        BadBody{ndjson, "1x", "trailing characters at line 1 column 2"},
        BadBody{ndjson, "nullx", "trailing characters at line 1 column 5"},
        BadBody{ndjson, "{\"id\":1}x", "expected value at line 1 column 9"},
        BadBody{ndjson, std::string("\0", 1), "expected value at line 1 column 1"}));

INSTANTIATE_TEST_SUITE_P(
    NoObjects, BadBodies,
    testing::Values(
        BadBody{json, "[1]", "invalid type: integer `1`, expected a map at line 1 column 1", "internal"},
        BadBody{json, "[[{\"id\":1}]]", "invalid type: sequence, expected a map at line 1 column 0",
                "internal"},
        BadBody{json, "[{\"id\":1},3]", "invalid type: integer `3`, expected a map at line 1 column 1",
                "internal"},
        BadBody{json, "[ \"x\" ]", "invalid type: string \"x\", expected a map at line 1 column 3",
                "internal"},
        BadBody{json, "[\"a\\\"\\u0001\xc3\xa9'\\n\"]",
                "invalid type: string \"a\\\"\\u{1}\xc3\xa9'\\n\", expected a map at line 1 column 16",
                "internal"},
        BadBody{json, "[1.5]", "invalid type: floating point `1.5`, expected a map at line 1 column 3",
                "internal"},
        BadBody{json, "[-1]", "invalid type: integer `-1`, expected a map at line 1 column 2", "internal"},
        BadBody{json, "[true]", "invalid type: boolean `true`, expected a map at line 1 column 4",
                "internal"},
        BadBody{ndjson, "1", "invalid type: integer `1`, expected a map at line 1 column 1", "internal"},
        BadBody{ndjson, "{\"id\":1} 2", "invalid type: integer `2`, expected a map at line 1 column 1",
                "internal"},
        BadBody{ndjson, "{\"id\":1}\nnull\n", "invalid type: null, expected a map at line 1 column 4",
                "internal"},
        BadBody{ndjson, "\"a\"{}", "invalid type: string \"a\", expected a map at line 1 column 3",
                "internal"}));

struct Unreadable {
    std::string body;
    std::size_t document;
    std::string reason;
};

class UnreadableBodies : public testing::TestWithParam<Unreadable> {};

TEST_P(UnreadableBodies, AreAcceptedAndToldApart) {
    const Padded body(GetParam().body);
    const auto batch = scan_documents(body, json);
    ASSERT_TRUE(batch);
    ASSERT_TRUE(batch.value().unreadable);
    EXPECT_EQ(batch.value().unreadable->first, GetParam().document);
    EXPECT_EQ(batch.value().unreadable->second, GetParam().reason);
}

INSTANTIATE_TEST_SUITE_P(Every, UnreadableBodies,
                         testing::Values(Unreadable{"[{\"a\":1},{\"id\":1,\"a\":1e999}]", 1,
                                                    "number out of range at line 1 column 5"},
                                         Unreadable{"[{\"id\":1,\"a\":\"\\ud800\"}]", 0, half_pair + "8"},
                                         Unreadable{"[{\"id\":1,\"n\":{\"\\ud800\":1}}]", 0, half_pair + "9"},
                                         Unreadable{"[{\"a\":" + std::string(128, '[') +
                                                        std::string(128, ']') + "}]",
                                                    0, "recursion limit exceeded at line 1 column 128"}));

TEST(UnreadableDocuments, FailTheirTaskInTheEnginesWords) {
    EXPECT_EQ(unreadable_document("books", "number out of range at line 1 column 5"),
              error("internal", "Index `books`: internal: number out of range at line 1 column 5."));
}

TEST(ScanDocuments, UnusualButReadableDocumentsAreFine) {
    const Padded body("[{\"a\":1e300,\"b\":\"\\ud83d\\ude00\",\"c\":1e-999,\"d\":" + std::string(127, '[') +
                      std::string(127, ']') + "}]");
    const auto batch = scan_documents(body, json);
    ASSERT_TRUE(batch);
    EXPECT_FALSE(batch.value().unreadable);
}

TEST(ScanDocuments, SurvivesEndlessNesting) {
    const std::string body = "[{\"a\":" + std::string(1'000'000, '[');
    EXPECT_EQ(
        fault_of(body, json).message,
        "The `json` payload provided is malformed. `Couldn't serialize document value: EOF while parsing a "
        "list at line 1 column 1000006`.");
}

TEST(ScanDocuments, ReservedMembersAreFoundAtTheTopOnly) {
    const Padded nested(R"([{"a":{"_miroir_shard":1},"_mirror":2}])");
    EXPECT_TRUE(check_reserved_members(scan_documents(nested, json).value(), false));

    const Padded plain(R"([{"id":1},{"_miroir_shard":1}])");
    EXPECT_EQ(check_reserved_members(scan_documents(plain, json).value(), true).error().code,
              "miroir_reserved_field");

    const Padded escaped(R"({"\u005fmiroir_x":1})");
    EXPECT_EQ(check_reserved_members(scan_documents(escaped, ndjson).value(), true).error().code,
              "miroir_reserved_field");
}

TEST(ScanDocuments, ExpiryIsReservedUnlessAllowed) {
    const Padded body(R"([{"_miroir_expires_at":1}])");
    const auto batch = scan_documents(body, json);
    ASSERT_TRUE(batch);
    EXPECT_TRUE(check_reserved_members(batch.value(), true));
    EXPECT_FALSE(check_reserved_members(batch.value(), false));
}

TEST(ParseDocumentIds, EveryKindBecomesText) {
    EXPECT_EQ(parse_document_ids(R"([ 2, "4", "x y", -1, {"a" : 1.0}, [1, 2], null])").value(),
              (std::vector<std::string>{"2", "4", "x y", "-1", "{\"a\":1.0}", "[1,2]", "null"}));
}

TEST(ParseDocumentIds, RefusesInTheEnginesWords) {
    const auto fault = [](std::string_view body) { return parse_document_ids(body).error(); };
    EXPECT_EQ(fault(""), error("missing_payload", "A json payload is missing."));
    EXPECT_EQ(fault("[1,]"), error("malformed_payload",
                                   "The json payload provided is malformed. `trailing comma "
                                   "at line 1 column 4`."));
    EXPECT_EQ(fault("[1] x"), error("malformed_payload",
                                    "The json payload provided is malformed. `trailing "
                                    "characters at line 1 column 5`."));
    EXPECT_EQ(fault("\"doggo\""), error("bad_request",
                                        "Json deserialize error: invalid type: string \"doggo\", "
                                        "expected a sequence at line 1 column 7"));
    EXPECT_EQ(fault("{\"a\":1}"), error("bad_request",
                                        "Json deserialize error: invalid type: map, expected a "
                                        "sequence at line 1 column 0"));
}

}  // namespace
}  // namespace miroir::meili
