#include "app/configuration_docs.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <variant>

#include "app/config_schema.hpp"
#include "app/configuration.hpp"

namespace miroir::app {
namespace {

// Compares, or writes the file when MIROIR_UPDATE_DOCS is set.
void expect_committed(const std::string& name, const std::string& generated) {
    const auto path = std::string(MIROIR_SOURCE_DIR) + "/" + name;
    if (std::getenv("MIROIR_UPDATE_DOCS") != nullptr) {
        std::ofstream(path, std::ios::binary) << generated;
        return;
    }
    std::ifstream file(path, std::ios::binary);
    std::ostringstream committed;
    committed << file.rdbuf();
    EXPECT_EQ(committed.str(), generated)
        << "Run this test once with MIROIR_UPDATE_DOCS=1 and commit " << name;
}

TEST(ConfigurationDocs, TheCommittedTableIsCurrent) {
    expect_committed("docs/configuration.md", configuration_markdown());
}

TEST(ConfigurationDocs, TheCommittedExampleIsCurrent) {
    expect_committed("config/miroir.example.yaml", example_yaml());
}

TEST(ConfigurationDocs, TheExampleHoldsTheDefaults) {
    ConfigSources sources;
    sources.file_name = "example";
    sources.file_text = example_yaml();
    const auto example = load(sources);
    ASSERT_TRUE(std::holds_alternative<Configuration>(example))
        << testing::PrintToString(std::get<ConfigErrors>(example));
    EXPECT_EQ(std::get<Configuration>(example), std::get<Configuration>(load({})));
}

TEST(ConfigurationDocs, TheExampleNamesEveryKey) {
    std::size_t values = 0;
    std::istringstream lines(example_yaml());
    for (std::string line; std::getline(lines, line);) {
        const auto first = line.find_first_not_of(' ');
        if (first != std::string::npos && line[first] != '#' && line.back() != ':') ++values;
    }
    EXPECT_EQ(values, config_schema().size());
}

TEST(ConfigSchema, EveryDefaultIsOneThatTheKeyAccepts) {
    for (const auto& key : config_schema()) {
        Configuration configuration;
        EXPECT_EQ(key.assign(configuration, key.fallback), "") << key.path;
        EXPECT_EQ(key.print(configuration), key.fallback) << key.path;
    }
}

TEST(ConfigSchema, NoTwoKeysShareAVariable) {
    std::set<std::string> seen;
    for (const auto& key : config_schema()) {
        for (const auto& variable : key.variables) EXPECT_TRUE(seen.insert(variable).second) << variable;
    }
}

}  // namespace
}  // namespace miroir::app
