#include "miroir/meili/scrub.hpp"

#include <gtest/gtest.h>

#include "miroir/meili/filterable_rules.hpp"
#include "miroir/meili/settings.hpp"

namespace miroir::meili {
namespace {

std::string scrubbed(std::string message) {
    return scrub(std::move(message), "books.7f3a", "books");
}

// The message for a search with `client` as filter, and what a node says with the shard clause appended.
struct Messages {
    std::string one_server;
    std::string node;
};

std::string search_message(const FilterParameter& filter, const std::string& rules, const std::string& uid) {
    constexpr std::string_view code = "invalid_search_filter";
    const auto parsed = parse_filter(filter, code);
    EXPECT_TRUE(parsed);
    const auto again = parse_filter(canonical(parsed.value()), code);
    EXPECT_TRUE(again);
    const auto checked = check_filterable(again.value(), parse_filterable_rules(rules), code);
    EXPECT_FALSE(checked);
    return "Index `" + uid + "`: " + (checked ? "" : checked.error().message);
}

Messages messages_for(FilterParameter filter, const std::string& client_rules) {
    Messages messages;
    messages.one_server = search_message(filter, client_rules, "books");
    filter.all_of.push_back({"\"_miroir_shard\" IN [\"∔∖\", \"∗)\"]"});
    const auto change = parse_settings("{\"filterableAttributes\":" + client_rules + "}");
    EXPECT_TRUE(change);
    const auto node = node_settings_json(meili::apply(default_settings_json(), change.value()));
    const auto begin = node.find("[", node.find("\"filterableAttributes\":"));
    const auto node_rules = node.substr(begin, node.find(",\"sortableAttributes\"") - begin);
    messages.node = search_message(filter, node_rules, "books.7f3a");
    return messages;
}

TEST(Scrub, FilterMessagesReadAsFromOneServer) {
    const std::string comparison_only =
        R"([{"attributePatterns":["price"],"features":{"filter":{"equality":false,"comparison":true}}}])";
    const std::vector<std::pair<FilterParameter, std::string>> cases = {
        {{{{"author = x"}}}, R"(["genres","id"])"},
        {{{{"author = x"}}}, "[]"},
        {{{{"id = 1"}, {"author = 'a) AND (b'"}}}, R"(["id"])"},
        {{{{"id = 1 AND author = x"}}}, R"(["id"])"},
        {{{{"id = 1 OR author = \"\\\"(\""}}}, R"(["id"])"},
        {{{{"NOT author = x"}}}, R"(["id"])"},
        {{{{"id = 1", "author = x"}}}, R"(["id"])"},
        {{{{"_geoRadius(91, 1, 2)"}}}, R"(["_geo"])"},
        {{{{"price = 30"}}}, comparison_only},
    };
    for (const auto& [filter, rules] : cases) {
        const auto messages = messages_for(filter, rules);
        EXPECT_NE(messages.node, messages.one_server);
        EXPECT_EQ(scrubbed(messages.node), messages.one_server);
    }
}

TEST(Scrub, ListsInOnePairOfQuotesLoseReservedNames) {
    EXPECT_EQ(
        scrubbed("Invalid facet distribution: Pattern `author` is not filterable. Available filterable "
                 "attributes patterns are: `_miroir_shard, _miroir_version, genres, id`."),
        "Invalid facet distribution: Pattern `author` is not filterable. Available filterable attributes "
        "patterns are: `genres, id`.");
    EXPECT_EQ(
        scrubbed("Index `books.7f3a`: Attribute `x` is not filterable and thus, cannot be used as distinct "
                 "attribute. Available filterable attributes patterns are: `_miroir_shard, "
                 "_miroir_version`."),
        "Index `books`: Attribute `x` is not filterable and thus, cannot be used as distinct attribute. This "
        "index does not have configured filterable attributes.");
    EXPECT_EQ(
        scrubbed("Attribute `x` is not searchable. Available searchable attributes are: `_miroir_shard, "
                 "_miroir_version, author, title`."),
        "Attribute `x` is not searchable. Available searchable attributes are: `author, title`.");
}

TEST(Scrub, RuleNumbersCountTheClientsRules) {
    EXPECT_EQ(
        scrubbed("Attribute `a` matched rule #12 in filterableAttributes, but this rule does not enable "
                 "filtering.\nHint: enable filtering in rule #12 by"),
        "Attribute `a` matched rule #10 in filterableAttributes, but this rule does not enable "
        "filtering.\nHint: enable filtering in rule #10 by");
}

TEST(Scrub, MarkersAreCutFromDocuments) {
    EXPECT_EQ(scrubbed(R"(Document doesn't have a `id` attribute: `{"a":1,)"
                       R"("_miroir_shard":"∔∖","_miroir_version":"∗"}`.)"),
              R"(Document doesn't have a `id` attribute: `{"a":1}`.)");
}

TEST(Scrub, OtherMessagesStayAsTheyAre) {
    for (const std::string message : {"", "Index `books` not found.",
                                      "Was expecting an operation at `x`.\n1:2 x", "rule #", "`_miroir_"}) {
        EXPECT_EQ(scrubbed(message), message);
    }
}

TEST(Scrub, ErrorObjectsAreReadAndPrintedAgain) {
    EXPECT_EQ(scrub_error_json(R"({"message":"Index `books.7f3a` not found.","code":"index_not_found"})",
                               "books.7f3a", "books"),
              R"({"message":"Index `books` not found.","code":"index_not_found"})");
    EXPECT_EQ(scrub_error_json("no json", "a", "b"), "no json");
}

}  // namespace
}  // namespace miroir::meili
