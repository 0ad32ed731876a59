#include "miroir/meili/csv.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "miroir/meili/error.hpp"
#include "miroir/meili/markers.hpp"

namespace miroir::meili {
namespace {

using Documents = std::vector<std::string>;

Documents converted(std::string_view body, char delimiter = ',') {
    const auto batch = convert_csv(body, delimiter);
    if (!batch) {
        return {"error: " + batch.error().message};
    }
    Documents out;
    for (std::size_t i = 0; i < batch.value().size(); ++i) {
        out.emplace_back(batch.value()[i]);
    }
    return out;
}

TEST(ConvertCsv, CellsAreTextUnlessTyped) {
    EXPECT_EQ(converted("id,title,year\n1,The Salt Harbour,1998\n2,,2004\n"),
              (Documents{R"({"id":"1","title":"The Salt Harbour","year":"1998"})",
                         R"({"id":"2","title":null,"year":"2004"})"}));
    EXPECT_EQ(
        converted("id:number,title:string,price:number,sold:boolean,note\n3,Glass,19.5,true,\n4,Rust,-2,"
                  "false,x\n5,,,,\n"),
        (Documents{R"({"id":3,"title":"Glass","price":19.5,"sold":true,"note":null})",
                   R"({"id":4,"title":"Rust","price":-2,"sold":false,"note":"x"})",
                   R"({"id":5,"title":null,"price":null,"sold":null,"note":null})"}));
}

TEST(ConvertCsv, AsksBeforeItTakesMemory) {
    std::string body = "id";
    for (int i = 0; i < 100; ++i) body += ",a_column_with_a_name_" + std::to_string(i);
    for (int i = 0; i < 2000; ++i) body += "\n" + std::to_string(i) + std::string(100, ',');
    std::size_t allowed = 0;
    const auto whole = convert_csv(body, ',', [&](std::size_t bytes) {
        allowed = bytes;
        return true;
    });
    ASSERT_TRUE(whole);
    const std::size_t size = whole.value().text().size();
    EXPECT_GT(size, 10 * body.size());
    EXPECT_GE(allowed, size);
    EXPECT_LT(allowed, size + size / 10);
    std::size_t refused = 0;
    const auto part = convert_csv(body, ',', [&](std::size_t bytes) {
        refused = bytes;
        return bytes < size / 2;
    });
    ASSERT_FALSE(part);
    EXPECT_EQ(part.error().code, "payload_too_large");
    EXPECT_LT(refused, size + size / 10);
}

TEST(ConvertCsv, AnUnknownTypeIsPartOfTheName) {
    EXPECT_EQ(converted("a:foo,b:c:number\n1,2\n"), Documents{R"({"a:foo":"1","b:c":2})"});
}

TEST(ConvertCsv, QuotesHoldDelimitersQuotesAndLines) {
    EXPECT_EQ(converted("id,title\n6,\"comma, quote \"\" and\nnew line\"\n7,'single'\r\n"),
              (Documents{R"({"id":"6","title":"comma, quote \" and\nnew line"})",
                         R"({"id":"7","title":"'single'"})"}));
}

TEST(ConvertCsv, IsAsLenientAsTheEngine) {
    EXPECT_EQ(converted("id,a\n1,\"x\"y\n"), Documents{R"({"id":"1","a":"xy"})"});
    EXPECT_EQ(converted("id,a\n1,x\"y\"\n"), Documents{R"({"id":"1","a":"x\"y\""})"});
    EXPECT_EQ(converted("id,a\n1,\"x\n"), Documents{R"({"id":"1","a":"x\n"})"});
    EXPECT_EQ(converted("id,a\n1,"), Documents{R"({"id":"1","a":null})"});
    EXPECT_EQ(converted("\xef\xbb\xbfid,a\r1,2\r\r\n\n3,4"),
              (Documents{R"({"id":"1","a":"2"})", R"({"id":"3","a":"4"})"}));
    EXPECT_EQ(converted("id\n\"\"\n2\n"), (Documents{R"({"id":null})", R"({"id":"2"})"}));
}

TEST(ConvertCsv, TheHeaderAloneIsNoDocument) {
    EXPECT_EQ(converted("id\n"), Documents{});
    EXPECT_EQ(converted("\n"), Documents{});
}

TEST(ConvertCsv, TakesAnyDelimiter) {
    EXPECT_EQ(converted("id;title\n8;a,b\n", ';'), Documents{R"({"id":"8","title":"a,b"})"});
    EXPECT_EQ(converted("id\"a\n1\"2\n", '"'), Documents{R"({"id":"1","a":"2"})"});
}

TEST(ConvertCsv, TheLastOfEqualColumnsCounts) {
    EXPECT_EQ(converted("a,id,a\nx,1,y\n"), Documents{R"({"a":"y","id":"1"})"});
}

TEST(ConvertCsv, NumbersAreReadAsRustReadsThem) {
    const Documents documents = converted(
        "a:number\n 5 \n+7\n1e3\n.5\n1.\ninf\n1e400\n123456789012345680\n-0\n-0.0\n\"\xc2\xa0"
        "3\"\n9223372036854775808\n");
    EXPECT_EQ(documents,
              (Documents{R"({"a":5})", R"({"a":7})", R"({"a":1000.0})", R"({"a":0.5})", R"({"a":1.0})",
                         R"({"a":null})", R"({"a":null})", R"({"a":123456789012345680})", R"({"a":0})",
                         R"({"a":-0.0})", R"({"a":3})", converted("a:number\n9223372036854775808.0\n")[0]}));
}

TEST(ConvertCsv, BooleansMayHaveSpaces) {
    EXPECT_EQ(converted("a:boolean\n true \n \n"), (Documents{R"({"a":true})", R"({"a":null})"}));
}

struct BadCsv {
    std::string body;
    std::string reason;
};

class BadCsvs : public testing::TestWithParam<BadCsv> {};

TEST_P(BadCsvs, AreRefusedWithTheEnginesWords) {
    const auto batch = convert_csv(GetParam().body, ',');
    ASSERT_FALSE(batch);
    EXPECT_EQ(batch.error(), error("malformed_payload",
                                   "The `csv` payload provided is malformed: `" + GetParam().reason + "`."));
}

std::string unequal(std::string_view where, int found, int expected) {
    return "CSV error: record " + std::string(where) + ": found record with " + std::to_string(found) +
           " fields, but the previous record has " + std::to_string(expected) + " fields";
}

INSTANTIATE_TEST_SUITE_P(
    Every, BadCsvs,
    testing::Values(
        BadCsv{"id,title\n1\n", unequal("1 (line: 2, byte: 9)", 1, 2)},
        BadCsv{"id,title\r\n1,a\r\n2\r\n", unequal("2 (line: 2, byte: 14)", 1, 2)},
        BadCsv{"id,title\r1,a\r2\r", unequal("2 (line: 1, byte: 13)", 1, 2)},
        BadCsv{"\n\nid,title\n\n1\n", unequal("1 (line: 4, byte: 11)", 1, 2)},
        BadCsv{"id,\"a\nb\"\n1,2\n3\n", unequal("2 (line: 4, byte: 13)", 1, 2)},
        BadCsv{"id,a\n1,\"q\nr\"\n2\n", unequal("2 (line: 4, byte: 13)", 1, 2)},
        BadCsv{"id,a\n\"\"\n", unequal("1 (line: 2, byte: 5)", 1, 2)},
        BadCsv{"id,a:number\n1,x\n", "Error parsing number \"x\" at line 1: invalid float literal"},
        BadCsv{"id:number\nx:y\"z\n", "Error parsing number \"x:y\\\"z\" at line 1: invalid float literal"},
        BadCsv{"id,a:number\n\"x\",1\xc3\xa9\n",
               "Error parsing number \"1\xc3\xa9\" at line 1: invalid float literal"},
        BadCsv{"id,a:number\n1,\"a\n\tb'\\\"\n",
               "Error parsing number \"a\\n\\tb'\\\\\" at line 1: invalid float literal"},
        BadCsv{"id,a:boolean\n1,yes\n",
               "Error parsing boolean \"yes\" at line 1: provided string was not `true` or `false`"},
        BadCsv{"id,a\n1,\xff\n",
               "CSV parse error: record 1 (line 2, field: 1, byte: 5): invalid utf-8: invalid "
               "UTF-8 in field 1 near byte index 0"},
        BadCsv{"id,\xff\n1,b\n",
               "CSV parse error: record 0 (line 1, field: 1, byte: 0): invalid utf-8: invalid "
               "UTF-8 in field 1 near byte index 0"}));

TEST(ConvertCsv, ReservedColumnsAreFound) {
    const auto batch = convert_csv("id,_miroir_version:number\n1,2\n", ',');
    ASSERT_TRUE(batch);
    EXPECT_FALSE(check_reserved_members(batch.value(), true));
}

}  // namespace
}  // namespace miroir::meili
