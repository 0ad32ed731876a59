#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "answers.hpp"
#include "miroir/meili/facet_value.hpp"

namespace miroir::scatter {
namespace {

std::string facet_answer(const std::string& distribution, const std::string& stats, std::uint64_t total = 1) {
    return an_answer({}, total, R"(,"facetDistribution":)" + distribution + R"(,"facetStats":)" + stats);
}

std::string facets_of(const std::string& body) {
    const auto start = body.find("\"facetDistribution\":");
    return start == std::string::npos ? "" : body.substr(start, body.find(",\"requestUid\"") - start);
}

NodeSearch facet_search(const std::string& facets, const std::string& settings) {
    return a_search(R"({"limit":0,"facets":)" + facets + "}", settings);
}

TEST(MergeFacets, SpellingsOfOneValueCountTogether) {
    Answers answers;
    answers.add("n1", facet_answer(R"({"c":{"Blue":2,"Éclair":1}})", "{}"));
    answers.add("n2", facet_answer(R"({"c":{" blue":1,"BLUE":4,"e\u0301clair":1}})", "{}"));
    EXPECT_EQ(facets_of(merged(facet_search(R"(["c"])", R"({"filterableAttributes":["c"]})"), answers)),
              R"("facetDistribution":{"c":{"Blue":7,"Éclair":2}},"facetStats":{})");
}

TEST(MergeFacets, NumbersComeFirstAsTextsWhenFewAndAsNumbersWhenMany) {
    const auto distribution = [](std::uint64_t total) {
        Answers answers;
        answers.add("n1", facet_answer(R"({"c":{"10":1,"9":1,"apple":1}})", R"({"c":{"min":9.0,"max":10.0}})",
                                       total));
        answers.add("n2", facet_answer(R"({"c":{"100":1,"-1":1,"0x":1,"2":1}})",
                                       R"({"c":{"min":-1.0,"max":100.0}})", 0));
        return facets_of(merged(facet_search(R"(["c"])", R"({"filterableAttributes":["c"]})"), answers));
    };
    const std::string stats = R"(,"facetStats":{"c":{"min":-1.0,"max":100.0}})";
    EXPECT_EQ(distribution(3000),
              R"("facetDistribution":{"c":{"-1":1,"10":1,"100":1,"9":1,"0x":1,"2":1,"apple":1}})" + stats);
    EXPECT_EQ(distribution(3001),
              R"("facetDistribution":{"c":{"-1":1,"9":1,"10":1,"100":1,"0x":1,"2":1,"apple":1}})" + stats);
}

TEST(MergeFacets, OnlyWhatTheClientMayFilterByAndAskedForIsShown) {
    Answers answers;
    answers.add("n1", facet_answer(R"({"_miroir_shard":{"x":1},"a":{"u":1},"a.b":{"v":1},"hidden":{"w":1}})",
                                   R"({"a.b":{"min":1.0,"max":1.0},"hidden":{"min":1.0,"max":1.0}})"));
    const auto shown = [&](const std::string& facets) {
        return facets_of(merged(facet_search(facets, R"({"filterableAttributes":["a"]})"), answers));
    };
    EXPECT_EQ(
        shown(R"(["*"])"),
        R"("facetDistribution":{"a":{"u":1},"a.b":{"v":1}},"facetStats":{"a.b":{"min":1.0,"max":1.0}})");
    EXPECT_EQ(shown(R"(["a.b"])"),
              R"("facetDistribution":{"a.b":{"v":1}},"facetStats":{"a.b":{"min":1.0,"max":1.0}})");
    EXPECT_EQ(shown("[]"), "");
}

TEST(MergeFacets, NamesAreSortedAndEmptyFacetsStay) {
    Answers answers;
    answers.add("n1", facet_answer(R"({"b":{"x":1},"c":{}})", "{}"));
    answers.add("n2", facet_answer(R"({"a":{"x":1}})", "{}"));
    EXPECT_EQ(
        facets_of(merged(facet_search(R"(["*"])", R"({"filterableAttributes":["a","b","c"]})"), answers)),
        R"("facetDistribution":{"a":{"x":1},"b":{"x":1},"c":{}},"facetStats":{})");
}

struct Shown {
    std::string normal;
    bool number = false;
    std::uint64_t count = 0;
};

// Facet values of some documents in the engine's order.
std::vector<Shown> engine_order(const std::map<std::string, std::uint64_t>& texts,
                                const std::map<double, std::uint64_t>& numbers, bool by_count) {
    std::vector<Shown> out;
    for (const auto& [number, count] : numbers) {
        out.push_back({meili::print_number(number), true, count});
    }
    const auto texts_begin = out.size();
    for (const auto& [text, count] : texts) {
        out.push_back({text, false, count});
    }
    const auto first_text = out.begin() + static_cast<std::ptrdiff_t>(texts_begin);
    if (by_count) {
        std::reverse(out.begin(), first_text);
        std::reverse(first_text, out.end());
        const auto more = [](auto& a, auto& b) { return a.count > b.count; };
        std::stable_sort(out.begin(), first_text, more);
        std::stable_sort(first_text, out.end(), more);
    } else {
        std::sort(out.begin(), first_text, [](auto& a, auto& b) { return a.normal < b.normal; });
    }
    return out;
}

struct NodeModel {
    std::map<std::string, std::uint64_t> texts;
    std::map<double, std::uint64_t> numbers;
};

std::string print_facet(const std::vector<Shown>& values, std::size_t most) {
    std::string out;
    for (std::size_t i = 0; i < std::min(most, values.size()); ++i) {
        out += (out.empty() ? "\"" : ",\"") + values[i].normal + "\":" + std::to_string(values[i].count);
    }
    return "{" + out + "}";
}

std::string print_stats(const NodeModel& node) {
    if (node.numbers.empty()) {
        return "{}";
    }
    const auto bound = [](double number) { return meili::print_number(number) + ".0"; };
    return R"({"c":{"min":)" + bound(node.numbers.begin()->first) + R"(,"max":)" +
           bound(node.numbers.rbegin()->first) + "}}";
}

void add_random_document(std::mt19937& random, bool with_numbers, NodeModel& node, NodeModel& whole) {
    const auto below = [&](int bound) { return std::uniform_int_distribution(0, bound - 1)(random); };
    const int skew = below(4) == 0 ? 40 : 6;
    if (with_numbers && below(2) == 0) {
        const double number = below(skew) - 5;
        ++node.numbers[number];
        ++whole.numbers[number];
    } else {
        const auto text = std::string("v") + std::to_string(below(skew));
        ++node.texts[text];
        ++whole.texts[text];
    }
}

TEST(MergeFacetsProperty, MergedFacetsAreThoseOfAllDocumentsTogether) {
    std::size_t certain_although_cut = 0;
    for (unsigned seed = 0; seed < 200; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        std::mt19937 random(seed);
        const auto below = [&](int bound) {
            return static_cast<std::size_t>(std::uniform_int_distribution(0, bound - 1)(random));
        };
        const bool by_count = seed % 2 == 1;
        std::vector<NodeModel> nodes(1 + below(5));
        NodeModel whole;
        for (auto documents = below(200); documents > 0; --documents) {
            add_random_document(random, seed % 3 == 0, nodes[below(static_cast<int>(nodes.size()))], whole);
        }
        const auto shown = 1 + below(20);
        const auto kept = seed % 5 == 0 ? shown + below(20) : 1000;
        auto context = context_of(R"({"filterableAttributes":["c"],"faceting":{"maxValuesPerFacet":)" +
                                  std::to_string(shown) + R"(,"sortFacetValuesBy":{"c":")" +
                                  (by_count ? "count" : "alpha") + R"("}}})");
        context.node_values_per_facet = kept;
        const auto search =
            node_search(meili::parse_search(R"({"limit":0,"facets":["c"]})").value(), context);
        ASSERT_TRUE(search);
        Answers answers;
        for (std::size_t i = 0; i < nodes.size(); ++i) {
            const auto values = engine_order(nodes[i].texts, nodes[i].numbers, by_count);
            answers.add("n" + std::to_string(i),
                        facet_answer(R"({"c":)" + print_facet(values, kept) + "}", print_stats(nodes[i])));
        }
        const auto result = merge_search(search.value(), answers.list(), test_facts);
        ASSERT_TRUE(result);
        const bool complete =
            by_count ? result.value().uncertain_facets.empty() : whole.numbers.empty() || kept == 1000;
        if (complete) {
            const auto values = engine_order(whole.texts, whole.numbers, by_count);
            ASSERT_EQ(facets_of(result.value().body), R"("facetDistribution":{"c":)" +
                                                          print_facet(values, shown) + R"(},"facetStats":)" +
                                                          print_stats(whole));
            certain_although_cut += kept != 1000 && by_count;
        }
    }
    EXPECT_GT(certain_although_cut, 5u);
}

// What a node answers when it is asked for the counts of these values by a filter.
std::string recount_answer(const NodeModel& node, const std::vector<std::string>& values, std::size_t kept) {
    NodeModel filtered;
    for (const auto& value : values) {
        if (const auto text = node.texts.find(value); text != node.texts.end()) filtered.texts.insert(*text);
        const auto number = meili::parse_finite_number(value);
        const auto counted = number ? node.numbers.find(*number) : node.numbers.end();
        if (counted != node.numbers.end()) filtered.numbers.insert(*counted);
    }
    return facet_answer(
        R"({"c":)" + print_facet(engine_order(filtered.texts, filtered.numbers, true), kept) + "}",
        print_stats(filtered));
}

// The merged answer to `search` over nodes that keep `kept` values, before and after the uncertain values
// were counted again.
struct Rounds {
    std::string first;
    std::string second;
    bool was_uncertain = false;
    bool is_uncertain = false;
    // Together at most as often may a value occur that no node's list has.
    std::uint64_t unseen = 0;
};

Rounds two_rounds(const NodeSearch& search, const std::vector<NodeModel>& nodes, std::size_t kept) {
    Rounds rounds;
    Answers answers;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        const auto values = engine_order(nodes[i].texts, nodes[i].numbers, true);
        rounds.unseen += values.size() > kept ? values[kept - 1].count : 0;
        answers.add("n" + std::to_string(i),
                    facet_answer(R"({"c":)" + print_facet(values, kept) + "}", print_stats(nodes[i])));
    }
    const auto first = merge_search(search, answers.list(), test_facts).value();
    rounds.first = facets_of(first.body);
    rounds.was_uncertain = !first.uncertain_facets.empty();
    Answers again;
    std::vector<FacetRecount> recounts;
    for (std::size_t i = 0; i < nodes.size() && rounds.was_uncertain; ++i) {
        const auto& asked = first.uncertain_facets.front();
        again.add("n" + std::to_string(i), recount_answer(nodes[i], asked.values, kept));
    }
    for (const auto& answer : again.list()) {
        recounts.push_back({answer.node, first.uncertain_facets.front(), answer.body});
    }
    const auto second = merge_search(search, answers.list(), test_facts, recounts).value();
    rounds.second = facets_of(second.body);
    rounds.is_uncertain = !second.uncertain_facets.empty();
    return rounds;
}

TEST(MergeFacetsProperty, ValuesThatWereCountedAgainAreThoseOfAllDocumentsTogether) {
    std::size_t mended = 0;
    for (unsigned seed = 0; seed < 300; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        std::mt19937 random(seed);
        const auto below = [&](int bound) {
            return static_cast<std::size_t>(std::uniform_int_distribution(0, bound - 1)(random));
        };
        std::vector<NodeModel> nodes(2 + below(4));
        NodeModel whole;
        for (auto documents = below(400); documents > 0; --documents) {
            add_random_document(random, false, nodes[below(static_cast<int>(nodes.size()))], whole);
        }
        const auto shown = 1 + below(8);
        const auto kept = shown + 4 + below(10);
        auto context = context_of(R"({"filterableAttributes":["c"],"faceting":{"maxValuesPerFacet":)" +
                                  std::to_string(shown) + R"(,"sortFacetValuesBy":{"c":"count"}}})");
        context.node_values_per_facet = kept;
        const auto search =
            node_search(meili::parse_search(R"({"limit":0,"facets":["c"]})").value(), context);
        ASSERT_TRUE(search);
        const auto rounds = two_rounds(search.value(), nodes, kept);
        const auto values = engine_order(whole.texts, whole.numbers, true);
        const bool no_unseen_value_is_shown =
            values.size() >= shown && values[shown - 1].count > rounds.unseen;
        if (no_unseen_value_is_shown) {
            EXPECT_FALSE(rounds.is_uncertain);
            EXPECT_EQ(rounds.second,
                      R"("facetDistribution":{"c":)" + print_facet(values, shown) + R"(},"facetStats":{})");
            mended += rounds.was_uncertain && rounds.first != rounds.second;
        }
    }
    EXPECT_GT(mended, 20u);
}

TEST(MergeFacets, CountsThatANodeMayHaveCutOffAreNamed) {
    Answers answers;
    answers.add("n1", facet_answer(R"({"c":{"a":9,"b":5}})", "{}"));
    answers.add("n2", facet_answer(R"({"c":{"d":6,"b":4}})", "{}"));
    auto context = context_of(R"({"filterableAttributes":["c"],)"
                              R"("faceting":{"maxValuesPerFacet":2,"sortFacetValuesBy":{"*":"count"}}})");
    context.node_values_per_facet = 2;
    const auto search = node_search(meili::parse_search(R"({"limit":0,"facets":["c"]})").value(), context);
    const auto result = merge_search(search.value(), answers.list(), test_facts);
    ASSERT_TRUE(result);
    ASSERT_EQ(result.value().uncertain_facets.size(), 1u);
    EXPECT_EQ(result.value().uncertain_facets[0].values, (std::vector<std::string>{"a", "d"}));
    EXPECT_EQ(search.value().recount_body_for({1}, result.value().uncertain_facets[0]),
              R"({"facets":["c"],"limit":0,"filter":["\"c\" IN [\"a\", \"d\"]",)"
              R"("\"_miroir_shard\" IN [\"∔∔∔∖\"]"]})");
}

}  // namespace
}  // namespace miroir::scatter
