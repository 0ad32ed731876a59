#include "devnode/text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace miroir::devnode {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> words_of(std::string_view text, const TokenRules& rules = {}) {
    std::vector<std::string> out;
    for (const auto& token : tokenize(text, rules)) {
        if (token.is_word()) {
            out.push_back(token.lemma);
        }
    }
    return out;
}

TEST(Tokenize, WordsAreLowerCaseWithoutAccents) {
    EXPECT_THAT(words_of("Crème-BRÛLÉE, l'Œuvre"), ElementsAre("creme", "brulee", "l", "oeuvre"));
    EXPECT_THAT(words_of("ΣΊΓΜΑ Ёлка"), ElementsAre("σιγμα", "елка"));
}

TEST(Tokenize, MarkersOfMiroirHoldNoWord) {
    EXPECT_THAT(words_of("∔∖∗∘∙√∝∟∠∧∨∩∪∴∵∷"), IsEmpty());
    EXPECT_THAT(words_of("∷∷a∔∔"), ElementsAre("a"));
}

TEST(Tokenize, AFullStopBeforeABlankIsHard) {
    const auto tokens = tokenize("a. b.c", {});
    ASSERT_EQ(tokens.size(), 5U);
    EXPECT_EQ(tokens[1].kind, TokenKind::hard_separator);
    EXPECT_EQ(tokens[3].kind, TokenKind::soft_separator);
}

TEST(Tokenize, TokensCoverTheText) {
    const std::string text = "Où est-il? «là-bas», 42 図書館!";
    std::size_t at = 0;
    for (const auto& token : tokenize(text, {})) {
        EXPECT_EQ(token.byte_start, at);
        at = token.byte_end;
    }
    EXPECT_EQ(at, text.size());
}

TEST(Tokenize, IdeographsStandAlone) {
    EXPECT_THAT(words_of("図書館a"), ElementsAre("図", "書", "館", "a"));
}

TEST(Tokenize, SettingsChangeWhatSeparates) {
    TokenRules rules;
    rules.separators = {"|"};
    rules.non_separators = {"#", "-"};
    rules.dictionary = {"J. R. R."};
    EXPECT_THAT(words_of("c#|f-sharp J. R. R. Tolkien", rules),
                ElementsAre("c#", "f-sharp", "j. r. r.", "tolkien"));
}

TEST(Tokenize, StopWordsAreTold) {
    TokenRules rules;
    rules.stop_words = {"the"};
    const auto tokens = tokenize("The end", rules);
    EXPECT_EQ(tokens[0].kind, TokenKind::stop_word);
    EXPECT_EQ(tokens[2].kind, TokenKind::word);
}

TEST(Fold, BeginningsAreMeasuredInTheOriginal) {
    EXPECT_EQ(characters_folding_to("Œuvre", 2), 1U);
    EXPECT_EQ(characters_folding_to("été", 2), 2U);
}

}  // namespace
}  // namespace miroir::devnode
