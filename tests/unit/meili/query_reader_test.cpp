#include "miroir/meili/query_reader.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "miroir/meili/utf8.hpp"

namespace miroir::meili {
namespace {

using Strings = std::vector<std::string>;

TEST(DecodeQuery, SplitsAndDecodes) {
    const QueryParameters expected{{"q", "a b c"}, {"f", "x=y"}, {"empty", ""}, {"", "v"}, {"é", "%zz%4"}};
    EXPECT_EQ(decode_query("q=a+b%20c&&f=x=y&empty&=v&%C3%A9=%zz%4&"), expected);
}

TEST(DecodeQuery, BytesThatAreNoUtf8BecomeReplacementCharacters) {
    EXPECT_EQ(decode_query("q=%ffa%e2%82").at(0).second, "\uFFFDa\uFFFD");
}

TEST(QueryReader, OfParametersGivenTwiceTheLastCountsAtTheFirstPlace) {
    const JsonValue object = to_json_value({{"a", "1"}, {"b", "2"}, {"a", "3"}});
    ASSERT_EQ(object.members.size(), 2U);
    EXPECT_EQ(object.members[0].key, "a");
    EXPECT_EQ(object.members[0].value.string, "3");
}

TEST(QueryReader, IntegersAreReadAsRustDoes) {
    EXPECT_EQ(to_unsigned("+5", 10), 5U);
    EXPECT_EQ(to_unsigned("0010", 10), 10U);
    EXPECT_EQ(to_unsigned("18446744073709551615", UINT64_MAX), UINT64_MAX);
    for (const char* text : {"", "+", "-1", "11", "1.0", " 1", "1e3", "18446744073709551616"}) {
        EXPECT_FALSE(to_unsigned(text, 10)) << text;
    }
}

TEST(QueryReader, FloatsAreReadAsRustDoes) {
    EXPECT_EQ(to_double(".5"), 0.5);
    EXPECT_EQ(to_double("5."), 5);
    EXPECT_EQ(to_double("-1e-2"), -0.01);
    EXPECT_TRUE(std::isinf(*to_double("Infinity")));
    EXPECT_TRUE(std::isnan(*to_double("NaN")));
    for (const char* text : {"", ".", "e5", "1e", "0x1", "1 ", "1,5", "nanx", "+-1"}) {
        EXPECT_FALSE(to_double(text)) << text;
    }
}

TEST(QueryReader, CommaListsDropEmptyItems) {
    EXPECT_EQ(split_commas(",a,,b ,"), (Strings{"a", "b "}));
    EXPECT_EQ(split_commas(""), Strings{});
}

TEST(QueryReader, SortListsKeepPointsTogether) {
    EXPECT_EQ(split_sort("price:asc, _geoPoint(48.8, 2.3):desc ,name:asc"),
              (Strings{"price:asc", "_geoPoint(48.8,2.3):desc", "name:asc"}));
    EXPECT_EQ(split_sort("\"price:asc\""), Strings{"price:asc"});
    EXPECT_EQ(split_sort(""), Strings{""});
}

TEST(QueryReader, StarsOpenAListUnlessAnotherItemIsWrong) {
    StarList<std::uint32_t> uids;
    const std::array fields{field<read_query_star_list32>("uids", "invalid_task_uids", uids)};
    ASSERT_TRUE(read_parameters({{"uids", "1,*"}}, fields));
    EXPECT_TRUE(uids.given);
    EXPECT_FALSE(uids.items);
    EXPECT_EQ(read_parameters({{"uids", "*,x"}}, fields).error().message,
              "Invalid value in parameter `uids[1]`: could not parse `x` as a positive integer");
    EXPECT_EQ(read_parameters({{"uids", "x,"}}, fields).error().message,
              "Invalid value in parameter `uids`: could not parse `x` as a positive integer");
}

TEST(QueryReader, FiltersThatAreJsonStayJson) {
    EXPECT_EQ(filter_text_to_json(R"( ["a = 1",["b = 2"]] )"), R"(["a = 1",["b = 2"]])");
    EXPECT_EQ(filter_text_to_json("a = \"x\""), R"("a = \"x\"")");
    EXPECT_EQ(filter_text_to_json("null"), "null");
}

TEST(Utf8, OnlyWellFormedSequencesPass) {
    EXPECT_TRUE(is_utf8("aé€😀"));
    for (const char* text :
         {"\x80", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82", "\xf8\x88"}) {
        EXPECT_FALSE(is_utf8(text));
    }
    EXPECT_EQ(count_characters("aé€😀"), 4U);
    EXPECT_EQ(to_code_points("aé€😀"), U"aé€😀");
}

}  // namespace
}  // namespace miroir::meili
