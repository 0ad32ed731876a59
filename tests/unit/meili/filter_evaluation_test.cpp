#include "miroir/meili/filter_evaluation.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

#include "test_data.hpp"

namespace miroir::meili {
namespace {

class JsonDocument : public DocumentView {
public:
    explicit JsonDocument(const JsonValue& document) : document_(document) {}

    bool is_known(std::string_view attribute) const override { return attribute != "unheard_of"; }
    FacetValues values(std::string_view attribute) const override {
        return facet_values(document_, attribute);
    }
    std::optional<GeoPoint> geo_point() const override {
        const auto latitude = values("_geo.lat").numbers;
        const auto longitude = values("_geo.lng").numbers;
        if (latitude.empty() || longitude.empty()) return std::nullopt;
        return GeoPoint{latitude.front(), longitude.front()};
    }

private:
    const JsonValue& document_;
};

FilterParameter parameter_of(const JsonValue& filter) {
    FilterParameter parameter;
    if (filter.kind == JsonKind::string) parameter.all_of.push_back({filter.string});
    for (const auto& item : filter.items) {
        auto& any = parameter.all_of.emplace_back();
        if (item.kind == JsonKind::string) any.push_back(item.string);
        for (const auto& inner : item.items) any.push_back(inner.string);
    }
    return parameter;
}

bool selects(std::string_view filter, std::string_view document) {
    const auto parsed = parse_filter(filter, "invalid_search_filter");
    EXPECT_TRUE(parsed) << filter;
    const auto json = parse_json(document);
    EXPECT_TRUE(json) << document;
    return parsed && json && evaluate(parsed.value(), JsonDocument(json.value()));
}

TEST(FilterEvaluation, SelectsTheDocumentsThatTheEngineSelects) {
    const auto text = read_test_data("filter_matches.json");
    const auto data = parse_json(text);
    ASSERT_TRUE(data);
    const auto& cases = data.value().find("cases")->items;
    ASSERT_GT(cases.size(), 20u);
    for (const auto& recorded : cases) {
        const auto filter = parse_filter(parameter_of(*recorded.find("filter")), "invalid_search_filter");
        ASSERT_TRUE(filter);
        std::vector<std::uint64_t> selected;
        for (const auto& document :
             data.value().find("documents")->find(recorded.find("documents")->string)->items) {
            if (!evaluate(filter.value(), JsonDocument(document))) continue;
            selected.push_back(document.find("id")->number.positive);
        }
        std::ranges::sort(selected);
        std::vector<std::uint64_t> expected;
        for (const auto& id : recorded.find("ids")->items) expected.push_back(id.number.positive);
        EXPECT_EQ(selected, expected) << recorded.find("filter")->raw;
    }
}

TEST(FilterEvaluation, EqualityLooksAtNumbersAndTexts) {
    EXPECT_TRUE(selects("a = 1", R"({"a":1})"));
    EXPECT_TRUE(selects("a = 1.0", R"({"a":1})"));
    EXPECT_TRUE(selects("a = 1", R"({"a":"1"})"));
    EXPECT_FALSE(selects("a = 1.0", R"({"a":"1"})"));
    EXPECT_TRUE(selects("a = true", R"({"a":true})"));
    EXPECT_TRUE(selects("a = ' \u00c9T\u00c9'", R"({"a":"e\u0301te\u0301 "})"));
    EXPECT_FALSE(selects("a = ete", R"({"a":"été"})"));
}

TEST(FilterEvaluation, InequalityIncludesDocumentsWithoutTheAttribute) {
    EXPECT_TRUE(selects("a != 1", R"({"b":1})"));
    EXPECT_FALSE(selects("a != 1", R"({"a":[2,1]})"));
    EXPECT_FALSE(selects("unheard_of != 1", R"({"b":1})"));
    EXPECT_TRUE(selects("NOT unheard_of = 1", R"({"b":1})"));
}

TEST(FilterEvaluation, ComparisonsOrderTextsToo) {
    EXPECT_TRUE(selects("a > 10", R"({"a":11})"));
    EXPECT_TRUE(selects("a > 10", R"({"a":"9"})"));
    EXPECT_FALSE(selects("a > b", R"({"a":11})"));
    EXPECT_TRUE(selects("a B TO d", R"({"a":"c"})"));
    EXPECT_FALSE(selects("a 5 TO 1", R"({"a":3})"));
}

TEST(FilterEvaluation, PathsGoThroughArraysAndDottedNames) {
    const std::string_view document = R"({"a":[{"b":[{"c":1},{"c":[2,[3]]}]},4],"x.y":5,"e":{"f":{}}})";
    for (const auto* number : {"1", "2", "3"}) {
        EXPECT_TRUE(selects("a.b.c = " + std::string(number), document)) << number;
    }
    EXPECT_TRUE(selects("a = 4", document));
    EXPECT_TRUE(selects("x.y = 5", document));
    EXPECT_TRUE(selects("a.b EXISTS AND NOT a.z EXISTS", document));
    EXPECT_TRUE(selects("e.f IS EMPTY AND e EXISTS AND NOT e IS EMPTY", document));
}

TEST(FilterEvaluation, NullAndEmptyCountOnlyAsWholeValues) {
    EXPECT_TRUE(selects("a IS NULL", R"({"a":null})"));
    EXPECT_FALSE(selects("a IS NULL", R"({"a":[null]})"));
    EXPECT_TRUE(selects("a IS EMPTY", R"({"a":""})"));
    EXPECT_FALSE(selects("a IS EMPTY", R"({"a":[""]})"));
    EXPECT_FALSE(selects("a IS EMPTY", R"({"a":null})"));
    EXPECT_TRUE(selects("a EXISTS", R"({"a":null})"));
    EXPECT_TRUE(selects("a.b IS NULL", R"({"a":[{"b":null}]})"));
}

TEST(FilterEvaluation, BoxesMayCrossTheDateLine) {
    const std::string_view box = "_geoBoundingBox([10, -170], [-10, 170])";
    EXPECT_TRUE(selects(box, R"({"_geo":{"lat":0,"lng":179}})"));
    EXPECT_TRUE(selects(box, R"({"_geo":{"lat":0,"lng":-175}})"));
    EXPECT_FALSE(selects(box, R"({"_geo":{"lat":0,"lng":0}})"));
    EXPECT_FALSE(selects(box, R"({"a":1})"));
}

TEST(FilterEvaluation, LongTextsAreStoredCut) {
    const std::string text(500, 'x');
    EXPECT_FALSE(selects("a = " + text, R"({"a":")" + text + R"("})"));
    EXPECT_TRUE(selects("a = " + text.substr(0, 468), R"({"a":")" + text + R"("})"));
}

}  // namespace
}  // namespace miroir::meili
