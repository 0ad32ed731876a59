#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "source_text.hpp"

namespace miroir::architecture {
namespace {

using Names = std::set<std::string>;

std::string document(const std::string& name) {
    std::ifstream file(std::filesystem::path(MIROIR_SOURCE_DIR) / name);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

Names all_matches(const std::string& text, const std::string& pattern) {
    const std::regex expression(pattern);
    Names names;
    for (std::sregex_iterator match(text.begin(), text.end(), expression), end; match != end; ++match) {
        names.insert((*match)[1]);
    }
    return names;
}

Names all_in_sources(const std::vector<std::string>& folders, const std::string& pattern) {
    Names names;
    for (const auto& file : source_files(folders)) names.merge(all_matches(file.text, pattern));
    return names;
}

std::string difference(const Names& left, const Names& right) {
    std::vector<std::string> only_left;
    std::set_difference(left.begin(), left.end(), right.begin(), right.end(), std::back_inserter(only_left));
    return joined(only_left);
}

TEST(Documentation, EveryMetricIsInTheTableAndNoOther) {
    const auto made = all_in_sources({"src"}, R"re(\b(?:counter|gauge|histogram)\(\s*"(miroir_\w+)")re");
    const auto told = all_matches(document("docs/metrics.md"), R"(\n\| `(miroir_\w+)` \|)");
    EXPECT_EQ(difference(made, told), "") << "are not in docs/metrics.md";
    EXPECT_EQ(difference(told, made), "") << "are in docs/metrics.md only";
}

// What tests alone need is no business of the image.
TEST(Documentation, TheImageIsBuiltWithTheLibrariesThatTheSourcesAre) {
    auto wanted = all_matches(document("scripts/packages"), R"((?:^|\n)(lib[\w.+-]+-dev)\n)");
    for (const auto* tests_only : {"libbenchmark-dev", "libclang-rt-16-dev"}) wanted.erase(tests_only);
    const auto installed = all_matches(document("Dockerfile"), R"((lib[\w.+-]+-dev)\b)");
    EXPECT_EQ(difference(wanted, installed), "") << "are not in the Dockerfile";
}

TEST(Documentation, EveryErrorCodeHasTheHeadingThatItsLinkNames) {
    const auto known = all_in_sources({"src/meili"}, R"re("(miroir_\w+)")re");
    const auto told = all_matches(document("docs/errors.md"), R"(\n## (miroir_\w+)\n)");
    EXPECT_EQ(difference(known, told), "") << "are not in docs/errors.md";
    EXPECT_EQ(difference(told, known), "") << "are in docs/errors.md only";
}

// Also names that code builds in lower case: "x-miroir-shards" for X-Miroir-Shards.
TEST(Documentation, EveryHeaderOfOursIsInTheTable) {
    const auto lower = [](const Names& names) {
        Names all;
        for (auto name : names) {
            std::transform(name.begin(), name.end(), name.begin(),
                           [](unsigned char c) { return std::tolower(c); });
            all.insert(std::move(name));
        }
        return all;
    };
    const auto used = lower(all_in_sources({"src"}, R"re(([Xx]-[Mm]iroir-[A-Za-z-]+))re"));
    const auto told =
        lower(all_matches(document("docs/compatibility.md"), R"(\n\| `(X-Miroir-[A-Za-z-]+)` \|)"));
    EXPECT_EQ(difference(used, told), "") << "are not in docs/compatibility.md";
    EXPECT_EQ(difference(told, used), "") << "are in docs/compatibility.md only";
}

TEST(Documentation, EveryRouteThatIsNotServedIsTold) {
    const auto refused = all_matches(document("src/api/feature_routes.cpp"), R"re("(/[^"]+)", ")re");
    const auto told = all_matches(document("docs/compatibility.md"), R"re(`(/[^` ]+)`)re");
    EXPECT_GT(refused.size(), 20U);
    EXPECT_EQ(difference(refused, told), "") << "are not in docs/compatibility.md";
}

TEST(Documentation, EveryFolderIsInTheArchitecture) {
    Names folders;
    for (const auto& file : source_files({"src"})) {
        const auto folder = std::filesystem::path(file.name).parent_path().lexically_relative("src");
        const auto top = folder.begin()->generic_string();
        if (top != ".") folders.insert(top == "stores" ? folder.generic_string() : top);
    }
    const auto told = all_matches(document("docs/architecture.md"), R"(\n\| `([\w/]+)/` \|)");
    EXPECT_EQ(difference(folders, told), "") << "are not in docs/architecture.md";
}

TEST(Documentation, LinksBetweenDocumentsLeadSomewhere) {
    std::vector<std::string> broken;
    for (const std::string name :
         {"README.md", "docs/architecture.md", "docs/compatibility.md", "docs/consistency.md",
          "docs/configuration.md", "docs/errors.md", "docs/metrics.md"}) {
        const auto folder = std::filesystem::path(name).parent_path();
        for (const auto& target : all_matches(document(name), R"(\]\(([^)#:]+)\))")) {
            const auto path = std::filesystem::path(MIROIR_SOURCE_DIR) / folder / target;
            if (!std::filesystem::exists(path)) broken.push_back(name + ": " + target);
        }
    }
    EXPECT_TRUE(broken.empty()) << joined(broken);
}

}  // namespace
}  // namespace miroir::architecture
