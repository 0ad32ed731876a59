#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

#include "miroir/meili/settings.hpp"

namespace miroir::meili {
namespace {

using Json = nlohmann::ordered_json;

std::string canonical_with(const std::string& change) {
    const auto parsed = parse_settings(change);
    EXPECT_TRUE(parsed) << (parsed ? "" : parsed.error().message);
    return parsed ? meili::apply(default_settings_json(), parsed.value()) : default_settings_json();
}

Json node_body(const std::string& change, const NodeSettingsOptions& options = {}) {
    return Json::parse(node_settings_json(canonical_with(change), options));
}

// What a node that got `body` answers to GET.
std::string node_after(const std::string& body) {
    const auto parsed = parse_settings(body);
    EXPECT_TRUE(parsed) << body;
    return parsed ? shown_settings_json(meili::apply(default_settings_json(), parsed.value())) : "";
}

class RandomSettings {
public:
    explicit RandomSettings(std::uint64_t seed) : random_(seed) {}

    std::string change() {
        Json change = Json::object();
        if (flip()) change["displayedAttributes"] = names();
        if (flip()) change["searchableAttributes"] = names();
        if (flip()) change["filterableAttributes"] = rules();
        if (flip()) change["sortableAttributes"] = names();
        if (flip())
            change["rankingRules"] = Json::array({"words", name() + ":asc", "sort", name() + ":desc"});
        if (flip()) change["stopWords"] = names();
        if (flip()) change["synonyms"] = Json{{name(), names()}, {"a b", names()}};
        if (flip()) change["distinctAttribute"] = name();
        if (flip()) change["typoTolerance"] = Json{{"enabled", flip()}, {"disableOnWords", names()}};
        if (flip()) change["faceting"] = Json{{"maxValuesPerFacet", below(30'000)}};
        if (flip()) change["pagination"] = Json{{"maxTotalHits", below(30'000) + 1}};
        if (flip()) change["embedders"] = embedders();
        if (flip()) change["searchCutoffMs"] = below(5000);
        if (flip()) change["facetSearch"] = flip();
        if (flip()) change["prefixSearch"] = flip() ? "disabled" : "indexingTime";
        return change.dump();
    }

private:
    std::uint64_t below(std::uint64_t n) { return random_() % n; }
    bool flip() { return below(2) == 0; }
    std::string name() {
        static const char* const all[] = {"title", "a.b", "price", "größe", "sku", "*", "pri*", "x y"};
        return all[below(8)];
    }
    Json names() {
        Json list = Json::array();
        for (auto n = below(4); n > 0; --n) list.push_back(name());
        return list;
    }
    Json rules() {
        Json list = names();
        if (flip()) {
            list.push_back(Json{{"attributePatterns", Json::array({name()})},
                                {"features", {{"filter", {{"equality", flip()}, {"comparison", flip()}}}}}});
        }
        return list;
    }
    Json embedders() {
        Json all = Json::object();
        if (flip()) all["manual"] = Json{{"source", "userProvided"}, {"dimensions", 3}};
        if (flip()) all["open"] = Json{{"source", "openAi"}, {"apiKey", "sk-" + std::string(below(40), 'x')}};
        if (flip()) all["own"] = Json{{"source", "huggingFace"}, {"documentTemplate", "{{doc.title}}"}};
        return all;
    }

    std::mt19937_64 random_;
};

TEST(NodeSettings, ClientsReadBackWhatTheyWrote) {
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        const auto client = canonical_with(RandomSettings(seed).change());
        EXPECT_EQ(client_settings_json(node_settings_json(client), client), client) << "seed " << seed;
        EXPECT_EQ(client_settings_json(node_after(node_settings_json(client)), client), client)
            << "seed " << seed;
        const NodeSettingsOptions strict{.strict_ties = true};
        EXPECT_EQ(client_settings_json(node_settings_json(client, strict), client), client)
            << "seed " << seed;
    }
}

TEST(NodeSettings, ReservedRulesComeFirst) {
    const auto body = node_body(R"({"filterableAttributes":["*","year"]})");
    const auto& rules = body["filterableAttributes"];
    ASSERT_EQ(rules.size(), 2u + reserved_rule_count);
    EXPECT_EQ(rules[0].dump(), R"({"attributePatterns":["_miroir_shard"],"features":{"facetSearch":false,)"
                               R"("filter":{"equality":true,"comparison":false}}})");
    EXPECT_EQ(rules[1].dump(), R"({"attributePatterns":["_miroir_version"],"features":{"facetSearch":false,)"
                               R"("filter":{"equality":true,"comparison":true}}})");
    EXPECT_EQ(rules[2], "*");
    EXPECT_EQ(rules[3], "year");
}

TEST(NodeSettings, DifferWhereAnswersAreMerged) {
    const auto body = node_body(
        R"({"displayedAttributes":["title"],"distinctAttribute":"sku","faceting":{"maxValuesPerFacet":5},)"
        R"("pagination":{"maxTotalHits":50000}})");
    EXPECT_EQ(body["displayedAttributes"], Json::array({"*"}));
    EXPECT_TRUE(body["distinctAttribute"].is_null());
    EXPECT_EQ(body["faceting"]["maxValuesPerFacet"], node_facet_values_min);
    EXPECT_EQ(body["pagination"]["maxTotalHits"], 50000);
}

TEST(NodeSettings, TheDistinctAttributeIsAlwaysFilterable) {
    const auto filterable = [](const std::string& change) {
        return parse_filterable_rules(node_body(change)["filterableAttributes"].dump()).is_filterable("sku");
    };
    EXPECT_TRUE(filterable(R"({"distinctAttribute":"sku"})"));
    EXPECT_TRUE(filterable(R"({"distinctAttribute":"sku","filterableAttributes":["sku"]})"));
    EXPECT_TRUE(
        filterable(R"({"distinctAttribute":"sku","filterableAttributes":[{"attributePatterns":["s*"],)"
                   R"("features":{"filter":{"equality":false}}}]})"));
    EXPECT_EQ(
        node_body(R"({"distinctAttribute":"sku","filterableAttributes":["sku"]})")["filterableAttributes"]
            .size(),
        3u);
}

TEST(NodeSettings, FormerEmbeddersAndFieldsAreRemoved) {
    const auto previous = canonical_with(R"({"embedders":{"gone":{"source":"userProvided","dimensions":2},)"
                                         R"("kept":{"source":"openAi","apiKey":"k","url":"http://x"}}})");
    const auto body =
        node_body(R"({"embedders":{"kept":{"source":"openAi","apiKey":"k"}}})", {.previous = previous});
    EXPECT_TRUE(body["embedders"]["gone"].is_null());
    EXPECT_TRUE(body["embedders"]["kept"].contains("url"));
    EXPECT_TRUE(body["embedders"]["kept"]["url"].is_null());
    EXPECT_EQ(body["embedders"]["kept"]["apiKey"], "k");
}

TEST(NodeSettings, DefaultTemplatesSkipReservedFields) {
    const auto body =
        node_body(R"({"embedders":{"e":{"source":"openAi"},"u":{"source":"userProvided","dimensions":2}}})");
    const std::string text = body["embedders"]["e"]["documentTemplate"];
    EXPECT_NE(text.find("_miroir_shard"), std::string::npos);
    EXPECT_FALSE(body["embedders"]["u"].contains("documentTemplate"));
}

TEST(NodeSettings, StrictTiesEndTheRankingRules) {
    const auto body = node_body(R"({"rankingRules":["words","price:asc"]})", {.strict_ties = true});
    EXPECT_EQ(body["rankingRules"], Json::array({"words", "price:asc", "_miroir_version:asc"}));
}

TEST(NodeSettings, ApiKeysAreReadBackReadable) {
    const auto client = canonical_with(R"({"embedders":{"e":{"source":"openAi","apiKey":"sk-0123456789"}}})");
    const auto read = client_settings_json(node_after(node_settings_json(client)), client);
    EXPECT_EQ(Json::parse(read)["embedders"]["e"]["apiKey"], "sk-0123456789");
}

}  // namespace
}  // namespace miroir::meili
