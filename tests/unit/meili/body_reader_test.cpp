#include "miroir/meili/body_reader.hpp"

#include <gtest/gtest.h>

#include <array>

namespace miroir::meili {
namespace {

struct Inner {
    std::uint32_t size = 0;
    std::optional<std::string> name;
};

Result<void> read(const Place& place, Inner& out) {
    const std::array fields{field("size", "invalid_size", out.size).required("missing_size"),
                            field("name", "invalid_name", out.name)};
    return read_object(place.with_code("invalid_inner"), fields);
}

Result<void> read_inner(const Place& place, std::vector<Inner>& out) {
    out.clear();
    for (std::size_t i = 0; i < place.value.items.size(); ++i) {
        auto done = read(place.element(i, place.value.items[i]), out.emplace_back());
        if (!done) {
            return done;
        }
    }
    return ok();
}

struct Outer {
    bool flag = false;
    double ratio = 0;
    std::vector<std::string> names;
    std::vector<Inner> inner;
};

// The message of the refusal, or "fine".
std::string said_of(std::string_view text, const ObjectRules& rules = {}) {
    Outer out;
    const std::array fields{field("flag", "bad_request", out.flag), field("ratio", "bad_request", out.ratio),
                            field("names", "bad_request", out.names).required(),
                            field<read_inner>("inner", "bad_request", out.inner)};
    const auto json = parse_json(text);
    auto done = read_object(Place{.value = json.value()}, fields, rules);
    return done ? "fine" : done.error().message;
}

TEST(BodyReader, EntriesAreVisitedInTheOrderTheyCame) {
    EXPECT_EQ(said_of(R"({"flag":1,"x":2})"),
              "Invalid value type at `.flag`: expected a boolean, but found a positive integer: `1`");
    EXPECT_EQ(said_of(R"({"x":2,"flag":1})"),
              "Unknown field `x`: expected one of `flag`, `ratio`, `names`, `inner`");
}

TEST(BodyReader, MissingFieldsAreLookedForLast) {
    EXPECT_EQ(said_of(R"({"ratio":"a"})"),
              "Invalid value type at `.ratio`: expected a number, but found a string: `\"a\"`");
    EXPECT_EQ(said_of(R"({"ratio":1})"), "Missing field `names`");
}

TEST(BodyReader, PlacesAreNamedByPath) {
    EXPECT_EQ(said_of(R"({"names":["a",null]})"),
              "Invalid value type at `.names[1]`: expected a string, but found null");
    EXPECT_EQ(said_of(R"({"names":[],"inner":[{"size":1},{"size":-1}]})"),
              "Invalid value type at `.inner[1].size`: expected a positive integer, but found a negative "
              "integer: `-1`");
    EXPECT_EQ(said_of(R"({"names":[],"inner":[{"name":null}]})"), "Missing field `size` inside `.inner[0]`");
    EXPECT_EQ(said_of("[]"), "Invalid value type: expected an object, but found an array: `[]`");
}

TEST(BodyReader, IntegersKnowTheirLimits) {
    EXPECT_EQ(
        said_of(R"({"names":[],"inner":[{"size":4294967296}]})"),
        "Invalid value at `.inner[0].size`: value: `4294967296` is too large to be deserialized, maximum "
        "value authorized is `4294967295`");
}

TEST(BodyReader, ErrorsCarryTheCodeOfTheirField) {
    std::vector<Inner> inner;
    const std::array fields{field<read_inner>("inner", "bad_request", inner)};
    const auto code_of = [&](std::string_view text) {
        const auto json = parse_json(text);
        return read_object(Place{.value = json.value()}, fields).error().code;
    };
    // Codes that are not in the table would all be `internal`: only the known ones can be told apart here.
    EXPECT_EQ(code_of(R"({"x":1})"), "bad_request");
    EXPECT_EQ(code_of(R"({"inner":[{"x":1}]})"), "internal");
}

TEST(BodyReader, UnknownFieldsCanBeIgnoredOrRefusedInOtherWords) {
    EXPECT_EQ(said_of(R"({"x":1,"names":[]})", {.ignore_unknown = true}), "fine");
    const ObjectRules immutable{
        .on_unknown = [](std::string_view key,
                         std::span<const std::string_view> known) -> std::optional<ApiError> {
            if (key != "uid") {
                return std::nullopt;
            }
            return immutable_field(key, known.first(2), "immutable_api_key_uid");
        }};
    EXPECT_EQ(said_of(R"({"uid":1})", immutable), "Immutable field `uid`: expected one of `flag`, `ratio`");
    EXPECT_EQ(said_of(R"({"u":1})", immutable),
              "Unknown field `u`: expected one of `flag`, `ratio`, `names`, `inner`");
}

TEST(BodyReader, SuggestionsDependOnTheLengthOfTheWord) {
    const std::array<std::string_view, 4> known{"q", "filter", "sort", "attributesToHighlight"};
    EXPECT_EQ(did_you_mean("sor", known), "");
    EXPECT_EQ(did_you_mean("sotr", known), "did you mean `sort`? ");
    EXPECT_EQ(did_you_mean("filler", known), "did you mean `filter`? ");
    EXPECT_EQ(did_you_mean("filerr", known), "");
    EXPECT_EQ(did_you_mean("attributesToHighLihgt", known), "did you mean `attributesToHighlight`? ");
    EXPECT_EQ(did_you_mean(std::string(1'000'000, 'x'), known), "");
}

TEST(BodyReader, TheNearestSuggestionWinsAndThenTheFirst) {
    const std::array<std::string_view, 3> known{"offsets", "offset", "offse"};
    EXPECT_EQ(did_you_mean("offset", known), "did you mean `offset`? ");
    EXPECT_EQ(did_you_mean("offsex", known), "did you mean `offset`? ");
}

TEST(BodyReader, ExpectedKindsAreJoined) {
    const auto expecting = [](std::initializer_list<Expected> kinds) {
        const JsonValue value;
        const std::string message = wrong_kind(Place{.value = value}, kinds).message;
        return message.substr(0, message.find(", but found"));
    };
    EXPECT_EQ(expecting({Expected::string, Expected::array}),
              "Invalid value type: expected a string or an array");
    EXPECT_EQ(expecting({Expected::positive_integer, Expected::negative_integer}),
              "Invalid value type: expected an integer");
    EXPECT_EQ(expecting({Expected::number, Expected::negative_integer, Expected::positive_integer,
                         Expected::boolean, Expected::null}),
              "Invalid value type: expected null, a boolean, or a number");
}

TEST(BodyReader, BodiesThatAreNoJsonAreMalformedAndEmptyOnesMissing) {
    EXPECT_EQ(parse_body("").error().code, "missing_payload");
    EXPECT_EQ(parse_body(" ").error().code, "malformed_payload");
    EXPECT_EQ(parse_body("{").error().message,
              "The json payload provided is malformed. `EOF while parsing an object at line 1 column 1`.");
}

}  // namespace
}  // namespace miroir::meili
