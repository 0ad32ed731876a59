#include "miroir/meili/settings.hpp"

#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "test_data.hpp"

namespace miroir::meili {
namespace {

using Json = nlohmann::ordered_json;

Result<Settings> parse(const std::string& key, const std::string& body) {
    return key.empty() ? parse_settings(body) : parse_sub_setting(key, body);
}

Settings changed(const std::string& body) {
    auto settings = parse_settings(body);
    EXPECT_TRUE(settings) << (settings ? "" : settings.error().message);
    return settings ? std::move(settings).value() : Settings{};
}

TEST(SettingsErrors, AreTheEngines) {
    std::istringstream lines(read_test_data("settings_errors.jsonl"));
    int count = 0;
    for (std::string line; std::getline(lines, line); ++count) {
        const auto recorded = Json::parse(line);
        auto parsed = parse(recorded["key"], recorded["body"].dump());
        if (parsed) {
            const auto checked = check_features(parsed.value(), {});
            ASSERT_FALSE(checked) << line;
            EXPECT_EQ(checked.error().message, recorded["message"].get<std::string>());
            EXPECT_EQ(checked.error().code, recorded["code"].get<std::string>());
            continue;
        }
        EXPECT_EQ(parsed.error().message, recorded["message"].get<std::string>()) << line;
        EXPECT_EQ(parsed.error().code, recorded["code"].get<std::string>()) << line;
    }
    EXPECT_GT(count, 20);
}

TEST(SettingsChanges, LeadToWhatTheEngineShows) {
    std::istringstream lines(read_test_data("settings_changes.jsonl"));
    std::map<std::string, std::string> indexes;
    int shown = 0;
    for (std::string line; std::getline(lines, line);) {
        const auto step = Json::parse(line);
        auto& canonical = indexes.try_emplace(step["index"], default_settings_json()).first->second;
        const std::string key = step["key"];
        if (step.contains("shown")) {
            const auto text = key.empty() ? shown_settings_json(canonical) : sub_setting_json(canonical, key);
            EXPECT_EQ(text, step["shown"].dump()) << line;
            ++shown;
            continue;
        }
        Settings change;
        if (step.contains("body")) {
            auto parsed = parse(key, step["body"].dump());
            ASSERT_TRUE(parsed) << line;
            change = std::move(parsed).value();
        } else {
            change = key.empty() ? reset_settings() : reset_setting(key);
        }
        EXPECT_EQ(task_details_json(change), step["details"].dump()) << line;
        canonical = meili::apply(canonical, change);
        EXPECT_TRUE(check_applied(canonical));
        // What is kept for later says the same.
        EXPECT_EQ(changed(change_json(change)), change) << line;
    }
    EXPECT_GT(shown, 20);
}

TEST(SettingsRoutes, CoverEverySettingOnce) {
    std::map<std::string_view, int> keys;
    for (const auto& route : settings_routes()) ++keys[route.key];
    EXPECT_EQ(keys.size(), 22u);
    EXPECT_EQ(settings_routes().size(), 22u);
    EXPECT_EQ(Json::parse(change_json(reset_settings())).size(), 22u);
}

TEST(SettingsChanges, TypoSizesOutOfOrderFailLater) {
    const auto canonical = meili::apply(
        default_settings_json(), changed(R"({"typoTolerance":{"minWordSizeForTypos":{"oneTypo":10}}})"));
    const auto checked = check_applied(canonical);
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().code, "invalid_settings_typo_tolerance");
    EXPECT_EQ(
        checked.error().message,
        "`minWordSizeForTypos` setting is invalid. `oneTypo` and `twoTypos` fields should be between `0` and "
        "`255`, and `twoTypos` should be greater or equals to `oneTypo` but found `oneTypo: 10` and "
        "twoTypos: "
        "9`.");
}

TEST(SettingsSecrets, AreKeptButNotShown) {
    const auto change = changed(R"({"embedders":{"a":{"source":"openAi","apiKey":"sk-0123456789"}}})");
    const auto canonical = meili::apply(default_settings_json(), change);
    EXPECT_NE(canonical.find("sk-0123456789"), std::string::npos);
    EXPECT_EQ(shown_settings_json(canonical).find("sk-0123456789"), std::string::npos);
    EXPECT_EQ(Json::parse(sub_setting_json(canonical, "embedders"))["a"]["apiKey"], "skXXXX...");
    EXPECT_EQ(Json::parse(task_details_json(change))["embedders"]["a"]["apiKey"], "skXXXX...");
    EXPECT_EQ(Json::parse(change_json(change))["embedders"]["a"]["apiKey"], "sk-0123456789");
}

TEST(SettingsNames, ThatAreReservedAreRefusedWhereverTheyStand) {
    const std::string refused[] = {
        R"({"searchableAttributes":["title","_miroir_shard"]})",
        R"({"displayedAttributes":["_miroir_version"]})",
        R"({"sortableAttributes":["_miroir_version"]})",
        R"({"rankingRules":["words","_miroir_version:asc"]})",
        R"({"filterableAttributes":["_miroir_shard"]})",
        R"({"filterableAttributes":[{"attributePatterns":["title","_miroir_*"]}]})",
        R"({"distinctAttribute":"_miroir_shard"})",
        R"({"typoTolerance":{"disableOnAttributes":["_miroir_shard"]}})",
        R"({"faceting":{"sortFacetValuesBy":{"_miroir_shard":"count"}}})",
        R"({"localizedAttributes":[{"attributePatterns":["_miroir_shard"],"locales":["eng"]}]})",
    };
    for (const auto& body : refused) {
        const auto checked = check_reserved_names(changed(body));
        ASSERT_FALSE(checked) << body;
        EXPECT_EQ(checked.error().code, "miroir_reserved_field");
    }
    EXPECT_TRUE(
        check_reserved_names(changed(R"({"sortableAttributes":["miroir","_miroir","a_miroir_shard"]})")));
    EXPECT_TRUE(check_reserved_names(changed(R"({"distinctAttribute":null,"searchableAttributes":["*"]})")));
}

TEST(SettingsFeatures, GuardChatAndCompositeEmbedders) {
    EXPECT_EQ(
        check_features(changed(R"({"chat":{"description":"x"}})"), {}).error().message,
        "setting `chat` in the index settings requires enabling the `chat completions` experimental feature. "
        "See https://github.com/orgs/meilisearch/discussions/835");
    EXPECT_TRUE(check_features(changed(R"({"chat":null,"foreignKeys":null})"), {}));
    EXPECT_FALSE(check_features(changed(R"({"embedders":{"e":{"source":"composite"}}})"), {}));
    EXPECT_TRUE(check_features(changed(R"({"embedders":{"e":{"source":"composite"}}})"),
                               {.composite_embedders = true}));
}

TEST(SettingsFeatures, DecideWhetherChatIsShown) {
    const auto shown = Json::parse(
        shown_settings_json(default_settings_json(), {.chat_completions = true, .foreign_keys = true}));
    EXPECT_TRUE(shown.contains("chat") && shown["foreignKeys"].empty());
    EXPECT_EQ(shown.size(), 22u);
    EXPECT_EQ(Json::parse(shown_settings_json(default_settings_json())).size(), 20u);
    EXPECT_EQ(sub_setting_json(default_settings_json(), "foreignKeys"), "[]");
}

}  // namespace
}  // namespace miroir::meili
