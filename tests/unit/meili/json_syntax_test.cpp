#include "miroir/meili/json_syntax.hpp"

#include <gtest/gtest.h>

#include <random>

#include "miroir/meili/json_text.hpp"
#include "miroir/meili/json_value.hpp"

namespace miroir::meili {
namespace {

std::string fault_of(std::string_view text) {
    const auto fault = check_json(text);
    return fault ? fault->text() : "fine";
}

std::string fault_of_skipping(std::string_view text) {
    JsonCursor cursor(text);
    return cursor.skip_value() && cursor.finish() ? "fine" : cursor.error().text();
}

TEST(JsonSyntax, FaultsReadAsSerdeJsonWritesThem) {
    EXPECT_EQ(fault_of(""), "EOF while parsing a value at line 1 column 0");
    EXPECT_EQ(fault_of(R"({"q": "x")"), "EOF while parsing an object at line 1 column 9");
    EXPECT_EQ(fault_of("[1, 2"), "EOF while parsing a list at line 1 column 5");
    EXPECT_EQ(fault_of(R"("abc)"), "EOF while parsing a string at line 1 column 4");
    EXPECT_EQ(fault_of("{a:1}"), "key must be a string at line 1 column 2");
    EXPECT_EQ(fault_of(R"({"a" 1})"), "expected `:` at line 1 column 6");
    EXPECT_EQ(fault_of("[1 2]"), "expected `,` or `]` at line 1 column 4");
    EXPECT_EQ(fault_of(R"({"a":1 "b":2})"), "expected `,` or `}` at line 1 column 8");
    EXPECT_EQ(fault_of("[1,]"), "trailing comma at line 1 column 4");
    EXPECT_EQ(fault_of(R"({"a":1,})"), "trailing comma at line 1 column 8");
    EXPECT_EQ(fault_of("{}x"), "trailing characters at line 1 column 3");
    EXPECT_EQ(fault_of("nux"), "expected ident at line 1 column 3");
    EXPECT_EQ(fault_of("?"), "expected value at line 1 column 1");
}

TEST(JsonSyntax, NumbersAreStrict) {
    EXPECT_EQ(fault_of("01"), "invalid number at line 1 column 2");
    EXPECT_EQ(fault_of("1."), "EOF while parsing a value at line 1 column 2");
    EXPECT_EQ(fault_of("1.x"), "invalid number at line 1 column 3");
    EXPECT_EQ(fault_of("1e+x"), "invalid number at line 1 column 4");
    EXPECT_EQ(fault_of("-"), "EOF while parsing a value at line 1 column 1");
    EXPECT_EQ(fault_of("1e400"), "number out of range at line 1 column 5");
    EXPECT_EQ(fault_of("1e-400"), "fine");
}

TEST(JsonSyntax, StringsAreStrict) {
    EXPECT_EQ(fault_of("\"a\tb\""),
              "control character (\\u0000-\\u001F) found while parsing a string at line 1 column 3");
    EXPECT_EQ(fault_of(R"("\x")"), "invalid escape at line 1 column 3");
    EXPECT_EQ(fault_of(R"("\udc00")"), "lone leading surrogate in hex escape at line 1 column 7");
    EXPECT_EQ(fault_of(R"("\ud800a")"), "unexpected end of hex escape at line 1 column 8");
    EXPECT_EQ(fault_of("\"\xff\""), "invalid unicode code point at line 1 column 3");
    EXPECT_EQ(fault_of(R"("\ud83d\ude00")"), "fine");
}

TEST(JsonSyntax, PositionsCountLinesAndBytes) {
    EXPECT_EQ(fault_of("{\n \"a\": 1,\n ?}"), "key must be a string at line 3 column 2");
    EXPECT_EQ(fault_of("[\"é\" 1]"), "expected `,` or `]` at line 1 column 7");
}

TEST(JsonSyntax, NestingEndsAt128) {
    EXPECT_EQ(fault_of(std::string(127, '[') + std::string(127, ']')), "fine");
    EXPECT_EQ(fault_of(std::string(128, '[')), "recursion limit exceeded at line 1 column 128");
}

TEST(JsonSyntax, SkippedValuesAreJudgedMildly) {
    EXPECT_EQ(fault_of_skipping(R"(["\udc00", 1e400])"), "fine");
    EXPECT_EQ(fault_of_skipping(std::string(1000, '[') + std::string(1000, ']')), "fine");
    EXPECT_EQ(fault_of_skipping(R"({"a":1,})"), "key must be a string at line 1 column 8");
    EXPECT_EQ(fault_of_skipping("\"\xff\""), "invalid unicode code point at line 1 column 3");
}

TEST(JsonSyntax, ATextThatOnlyEndsEarlySaysSo) {
    EXPECT_TRUE(check_json(R"({"a":)")->end_of_input);
    EXPECT_FALSE(check_json("{]")->end_of_input);
}

TEST(JsonSyntax, EveryCutOfAValidTextEndsEarly) {
    const std::string text = R"({"a":[1,-2.5e3,"x\né",true,false,null,{"b":{}}],"c":"\ud83d\ude00"})";
    ASSERT_EQ(fault_of(text), "fine");
    for (std::size_t length = 0; length < text.size(); ++length) {
        const auto fault = check_json(text.substr(0, length));
        ASSERT_TRUE(fault) << length;
        EXPECT_TRUE(fault->end_of_input) << text.substr(0, length) << ": " << fault->text();
    }
}

TEST(JsonSyntax, PrintedValuesReadBackTheSame) {
    std::mt19937 random(20261125);
    const std::vector<std::string> parts{"{", "}",  "[",   "]",   ",",    ":",    "\"a\"", "\"\\u00e9\"",
                                         "1", "-2", "0.5", "1e9", "true", "null", " ",     "\n"};
    int valid = 0;
    for (int round = 0; round < 200'000; ++round) {
        std::string text;
        for (auto count = random() % 8; count > 0; --count) {
            text += parts[random() % parts.size()];
        }
        const auto value = parse_json(text);
        ASSERT_EQ(value.has_value(), !check_json(text)) << text;
        if (!value) {
            EXPECT_EQ(value.error(), *check_json(text)) << text;
            continue;
        }
        ++valid;
        const std::string printed = print(value.value());
        const auto again = parse_json(printed);
        ASSERT_TRUE(again) << printed;
        EXPECT_EQ(print(again.value()), printed);
    }
    EXPECT_GT(valid, 1000);
}

TEST(JsonValue, LaterMembersReplaceEarlierOnesInPlace) {
    EXPECT_EQ(print(parse_json(R"({"a":1,"b":2,"a":3})").value()), R"({"a":3,"b":2})");

    std::string many = "{";
    for (int i = 0; i < 100; ++i) {
        many += "\"k" + std::to_string(i % 50) + "\":" + std::to_string(i) + (i < 99 ? "," : "}");
    }
    const auto value = parse_json(many);
    ASSERT_EQ(value.value().members.size(), 50U);
    EXPECT_EQ(print(*value.value().find("k49")), "99");
    EXPECT_EQ(value.value().members[3].key, "k3");
}

TEST(JsonValue, NumbersArePrintedAsSerdeJsonDoes) {
    const auto reprinted = [](std::string_view text) { return print(parse_json(text).value()); };
    EXPECT_EQ(reprinted("18446744073709551615"), "18446744073709551615");
    EXPECT_EQ(reprinted("18446744073709551616"), "1.8446744073709552e+19");
    EXPECT_EQ(reprinted("-9223372036854775808"), "-9223372036854775808");
    EXPECT_EQ(reprinted("-0"), "-0.0");
    EXPECT_EQ(reprinted("1.50"), "1.5");
    EXPECT_EQ(reprinted("3.0"), "3.0");
    EXPECT_EQ(reprinted("1e15"), "1000000000000000.0");
    EXPECT_EQ(reprinted("1e16"), "1e+16");
    EXPECT_EQ(reprinted("0.00001"), "0.00001");
    EXPECT_EQ(reprinted("0.000001"), "1e-6");
    EXPECT_EQ(reprinted("123456.789e3"), "123456789.0");
}

TEST(JsonValue, RawTextIsWhatWasSent) {
    const std::string text = R"( {"a" : [ 1.10 , "x\u0041" ] } )";
    const auto value = parse_json(text);
    EXPECT_EQ(value.value().find("a")->raw, R"([ 1.10 , "x\u0041" ])");
}

TEST(JsonText, StringsAreEscapedAsSerdeJsonDoes) {
    EXPECT_EQ(json_string("a\"b\\c/\n\r\t\b\f\x01\x7fé"), "\"a\\\"b\\\\c/\\n\\r\\t\\b\\f\\u0001\x7fé\"");
}

TEST(JsonText, DebugStringsFollowRust) {
    EXPECT_EQ(debug_string(std::string("a\"'\\\n\0\x01\x7f", 8)), "\"a\\\"'\\\\\\n\\0\\u{1}\\u{7f}\"");
}

}  // namespace
}  // namespace miroir::meili
