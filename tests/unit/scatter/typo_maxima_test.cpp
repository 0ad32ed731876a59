#include "scatter/typo_maxima.hpp"

#include <gtest/gtest.h>

#include <random>

#include "answers.hpp"

namespace miroir::scatter {
namespace {

std::string details(int typos, int maximum, const std::string& score, int matching = 2) {
    return R"({"words":{"order":0,"matchingWords":)" + std::to_string(matching) +
           R"(,"maxMatchingWords":2,"score":1.0},"typo":{"order":1,"typoCount":)" + std::to_string(typos) +
           R"(,"maxTypoCount":)" + std::to_string(maximum) + R"(,"score":)" + score + "}}";
}

std::string scored(int id, const std::string& details, const std::string& score) {
    return "{\"id\":" + std::to_string(id) + "," + markers(static_cast<std::uint32_t>(id)) +
           R"(,"_rankingScore":)" + score + R"(,"_rankingScoreDetails":)" + details + "}";
}

TEST(TypoMaxima, ScoresAreThoseOfTheLargestMaximumOfAllNodes) {
    const auto search =
        a_search(R"({"q":"star wars","showRankingScore":true,"showRankingScoreDetails":true})");
    Answers answers;
    answers.add("n1", an_answer({scored(1, details(1, 2, "0.6666666666666666"), "0.8333333333333334")}, 1));
    answers.add(
        "n2",
        an_answer({scored(2, details(2, 3, "0.5"), "0.75"), scored(3, details(0, 1, "1.0", 1), "0.5")}, 2));
    EXPECT_EQ(hits_of(merged(search, answers)),
              R"([{"id":1,"_rankingScore":0.875,"_rankingScoreDetails":)" + details(1, 3, "0.75") +
                  R"(},{"id":2,"_rankingScore":0.75,"_rankingScoreDetails":)" + details(2, 3, "0.5") +
                  R"(},{"id":3,"_rankingScore":0.5,"_rankingScoreDetails":)" + details(0, 1, "1.0", 1) +
                  "}]");
}

TEST(TypoMaxima, OneNodesOwnDifferencesStay) {
    const auto search = a_search(R"({"q":"star wars","showRankingScoreDetails":true})");
    Answers answers;
    answers.add("n1", an_answer({scored(1, details(1, 2, "0.6666666666666666"), "0.8"),
                                 scored(2, details(2, 3, "0.5"), "0.7")},
                                2));
    EXPECT_NE(merged(search, answers).find(R"("maxTypoCount":2)"), std::string::npos);
}

TEST(TypoMaxima, AScoreThatNoEngineGivesIsRelayed) {
    const auto search = a_search(R"({"q":"star wars","showRankingScore":true})");
    for (const std::string score : {"-2.0", "0.0", "7e300"}) {
        Answers answers;
        answers.add("n1", an_answer({scored(1, details(1, 2, "0.6"), score)}, 1));
        answers.add("n2", an_answer({scored(2, details(2, 3, "0.5"), "0.75")}, 1));
        EXPECT_EQ(hits_of(merged(search, answers)),
                  R"([{"id":1,"_rankingScore":)" + score + R"(},{"id":2,"_rankingScore":0.75}])");
    }
}

struct ModelRank {
    std::uint64_t rank = 1;
    std::uint64_t max = 1;
    void merge(std::uint64_t inner, std::uint64_t inner_max) {
        rank = (rank - 1) * inner_max + inner;
        max *= inner_max;
    }
    double score() const { return static_cast<double>(rank) / static_cast<double>(max); }
};

TEST(TypoMaximaProperty, RecomputedScoresAreBitForBitThoseOfTheEngine) {
    std::mt19937 random(7);
    const auto within = [&](std::uint64_t low, std::uint64_t high) {
        return std::uniform_int_distribution<std::uint64_t>(low, high)(random);
    };
    for (int round = 0; round < 20'000; ++round) {
        const auto words_max = within(1, 6);
        const auto words = within(1, words_max);
        const auto node_max = within(1, 8);
        const auto typos = within(0, node_max);
        const auto larger_max = node_max + within(1, 4);
        ModelRank node;
        ModelRank single;
        node.merge(words, words_max);
        single.merge(words, words_max);
        node.merge(node_max + 1 - typos, node_max + 1);
        single.merge(larger_max + 1 - typos, larger_max + 1);
        for (const std::uint64_t max :
             {3 * (words_max - 1) + 1, within(1, 10), 10 * words_max + 1, std::uint64_t{3}, words_max + 1}) {
            const auto rank = within(1, max);
            node.merge(rank, max);
            single.merge(rank, max);
        }
        OrderKey words_key;
        words_key.rule = OrderKey::Rule::words;
        words_key.count = static_cast<std::uint32_t>(words);
        words_key.count_max = static_cast<std::uint32_t>(words_max);
        OrderKey typo_key;
        typo_key.rule = OrderKey::Rule::typo;
        typo_key.count = static_cast<std::uint32_t>(typos);
        typo_key.count_max = static_cast<std::uint32_t>(node_max);
        const std::array keys = {words_key, typo_key};
        const auto score = score_with(keys, node.score(), static_cast<std::uint32_t>(larger_max));
        if (node.max < (1u << 26)) {
            ASSERT_TRUE(score) << node.rank << "/" << node.max;
            ASSERT_EQ(*score, single.score()) << node.rank << "/" << node.max;
        }
    }
}

}  // namespace
}  // namespace miroir::scatter
