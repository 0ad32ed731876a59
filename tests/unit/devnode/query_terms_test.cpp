#include "devnode/query_terms.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace miroir::devnode {
namespace {

using testing::ElementsAre;

std::vector<std::string> words(const QueryTerms& query) {
    std::vector<std::string> out;
    for (const auto& term : query.terms) {
        out.push_back(term.is_phrase() ? "<phrase>" : term.word);
    }
    return out;
}

TEST(ParseQuery, OnlyTheLastWordIsAPrefix) {
    const auto query = parse_query("Salt Harb", {});
    ASSERT_THAT(words(query), ElementsAre("salt", "harb"));
    EXPECT_FALSE(query.terms[0].prefix);
    EXPECT_TRUE(query.terms[1].prefix);
}

TEST(ParseQuery, ABlankAtTheEndMakesTheLastWordWhole) {
    EXPECT_FALSE(parse_query("harb ", {}).terms[0].prefix);
}

TEST(ParseQuery, LengthDecidesHowManyTyposAreAllowed) {
    const auto query = parse_query("salt glass librarian 12345", {});
    EXPECT_EQ(query.terms[0].typos_max, 0);
    EXPECT_EQ(query.terms[1].typos_max, 1);
    EXPECT_EQ(query.terms[2].typos_max, 2);
    QueryRules strict;
    strict.typos_in_numbers = false;
    strict.exact_words = {"glass"};
    const auto exact = parse_query("glass 12345", strict);
    EXPECT_EQ(exact.terms[0].typos_max, 0);
    EXPECT_EQ(exact.terms[1].typos_max, 0);
}

TEST(ParseQuery, QuotesMakeOnePhrase) {
    const auto query = parse_query("old \"salt harbour\" pilot", {});
    ASSERT_THAT(words(query), ElementsAre("old", "<phrase>", "pilot"));
    EXPECT_EQ(query.terms[1].first_position, 1U);
    EXPECT_EQ(query.terms[1].last_position, 2U);
    EXPECT_EQ(query.terms[2].first_position, 3U);
}

TEST(ParseQuery, AnOpenQuoteLastsToTheEnd) {
    const auto query = parse_query("\"salt harbour", {});
    ASSERT_THAT(words(query), ElementsAre("<phrase>"));
    EXPECT_EQ(query.terms[0].phrase.size(), 2U);
}

TEST(ParseQuery, MinusExcludesWordsAndPhrases) {
    const auto query = parse_query("glass -ship -\"salt harbour\" well-known", {});
    EXPECT_THAT(words(query), ElementsAre("glass", "well", "known"));
    EXPECT_THAT(query.negative_words, ElementsAre("ship"));
    ASSERT_EQ(query.negative_phrases.size(), 1U);
    EXPECT_EQ(query.negative_phrases[0].size(), 2U);
}

TEST(ParseQuery, StopWordsAreLeftOutButForTheLastWordAndPhrases) {
    QueryRules rules;
    rules.tokens.stop_words = {"the", "of"};
    EXPECT_THAT(words(parse_query("the ship of", rules)), ElementsAre("ship", "of"));
    const auto phrase = parse_query("\"return of the ship\"", rules).terms[0].phrase;
    EXPECT_THAT(phrase, ElementsAre("return", std::nullopt, std::nullopt, "ship"));
}

TEST(ParseQuery, TheEleventhWordIsIgnored) {
    EXPECT_EQ(parse_query("a b c d e f g h i j k l", {}).terms.size(), 10U);
}

TEST(ParseQuery, NothingButNegativeWordsIsAPlaceholder) {
    EXPECT_TRUE(parse_query("-ship", {}).placeholder());
}

}  // namespace
}  // namespace miroir::devnode
