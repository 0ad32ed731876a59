#include "devnode/search.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "miroir/meili/error.hpp"
#include "miroir/meili/settings.hpp"

namespace miroir::devnode {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// An index in memory, with documents as `{"id":..}` in the order they are given.
class Library {
public:
    explicit Library(const std::string& settings = "{}") {
        const auto change = meili::parse_settings(settings);
        index_.uid = "books";
        index_.set_rules(make_rules(meili::apply(meili::default_settings_json(), change.value())));
        storage_.save_index(index_);
    }

    Library& add(const std::string& body) {
        const auto tree = meili::parse_json(body);
        const auto id = scalar_text(*tree.value().find("id"));
        const auto document = index_.make_document(index_.number_for(id), id, body);
        storage_.put_document(index_, *document, index_.find(id).get());
        index_.put(document);
        return *this;
    }

    std::string text(const std::string& request) {
        const auto query = meili::parse_search(std::string_view(request));
        const auto body = run_search({index_, storage_, {}}, query.value(), system_clock());
        return body ? "{" + body.value() + "}" : meili::to_json(body.error());
    }

    meili::JsonValue answer(const std::string& request) {
        last_ = text(request);
        return meili::parse_json(last_).value();
    }

    std::vector<std::string> ids(const std::string& request) {
        std::vector<std::string> out;
        const auto found = answer(request);
        for (const auto& hit : found.find("hits")->items) {
            out.push_back(scalar_text(*hit.find("id")));
        }
        return out;
    }

    // The text of a member of the first hit.
    std::string first(const std::string& request, std::string_view member) {
        const auto found = answer(request);
        return meili::print(*found.find("hits")->items.at(0).find(member));
    }

    std::string member(const std::string& request, std::string_view name) {
        const auto found = answer(request);
        return meili::print(*found.find(name));
    }

private:
    Storage storage_{""};
    Index index_;
    std::string last_;
};

TEST(Search, FindsWordsPrefixesAndTypos) {
    Library books;
    books.add(R"({"id":1,"title":"The Salt Harbour"})").add(R"({"id":2,"title":"Sea of Grass"})");
    EXPECT_THAT(books.ids(R"({"q":"harbour"})"), ElementsAre("1"));
    EXPECT_THAT(books.ids(R"({"q":"harb"})"), ElementsAre("1"));
    EXPECT_THAT(books.ids(R"({"q":"harbuor"})"), ElementsAre("1"));
    EXPECT_THAT(books.ids(R"({"q":"glass"})"), ElementsAre("2"));
    EXPECT_THAT(books.ids(R"({"q":"slat "})"), IsEmpty());
}

TEST(Search, WithoutTypoToleranceOnlyTheRightSpellingCounts) {
    Library books(R"({"typoTolerance":{"enabled":false}})");
    books.add(R"({"id":1,"title":"harbour"})");
    EXPECT_THAT(books.ids(R"({"q":"harbuor"})"), IsEmpty());
}

TEST(Search, LastWordsMayBeMissingUnlessAllAreWanted) {
    Library books;
    books.add(R"({"id":1,"title":"glass ship"})")
        .add(R"({"id":2,"title":"glass"})")
        .add(R"({"id":3,"title":"ship"})");
    EXPECT_THAT(books.ids(R"({"q":"glass ship"})"), ElementsAre("1", "2"));
    EXPECT_THAT(books.ids(R"({"q":"glass ship","matchingStrategy":"all"})"), ElementsAre("1"));
}

TEST(Search, PhrasesAreNeverDropped) {
    Library books;
    books.add(R"({"id":1,"title":"ship of glass"})").add(R"({"id":2,"title":"glass ship at sea"})");
    EXPECT_THAT(books.ids(R"({"q":"\"glass ship\" harbour"})"), ElementsAre("2"));
    EXPECT_THAT(books.ids(R"({"q":"-\"glass ship\""})"), ElementsAre("1"));
    EXPECT_THAT(books.ids(R"({"q":"glass -sea"})"), ElementsAre("1"));
}

TEST(Search, SynonymsStandForTheWord) {
    Library books(R"({"synonyms":{"boat":["glass ship","raft"]}})");
    books.add(R"({"id":1,"title":"a raft"})")
        .add(R"({"id":2,"title":"the glass ship"})")
        .add(R"({"id":3,"title":"ship"})");
    EXPECT_THAT(books.ids(R"({"q":"boat"})"), ElementsAre("1", "2"));
}

TEST(Search, DetailsAreThoseOfTheEngine) {
    Library books(R"({"searchableAttributes":["title","text"]})");
    books.add(R"({"id":1,"title":"Glass"})").add(R"({"id":2,"title":"Sea","text":"of grass"})");
    const std::string request = R"({"q":"glass","showRankingScoreDetails":true})";
    EXPECT_THAT(books.text(request),
                HasSubstr(R"({"words":{"order":0,"matchingWords":1,"maxMatchingWords":1,"score":1.0},)"
                          R"("typo":{"order":1,"typoCount":0,"maxTypoCount":1,"score":1.0},)"
                          R"("proximity":{"order":2,"score":1.0},"attributeRank":{"order":3,"score":1.0},)"
                          R"("wordPosition":{"order":4,"score":1.0},)"
                          R"("exactness":{"order":5,"matchType":"exactMatch","score":1.0}})"));
    EXPECT_THAT(books.text(request),
                HasSubstr(R"({"words":{"order":0,"matchingWords":1,"maxMatchingWords":1,"score":1.0},)"
                          R"("typo":{"order":1,"typoCount":1,"maxTypoCount":1,"score":0.5},)"
                          R"("proximity":{"order":2,"score":1.0},"attributeRank":{"order":3,"score":0.5},)"
                          R"("wordPosition":{"order":4,"score":0.9090909090909091},)"
                          R"("exactness":{"order":5,"matchType":"noExactMatch","matchingWords":0,)"
                          R"("maxMatchingWords":1,"score":0.16666666666666666}})"));
}

TEST(Search, SortStandsWhereTheRankingRulesSay) {
    Library books(R"({"sortableAttributes":["price"],
                      "rankingRules":["words","sort","typo","price:desc"]})");
    books.add(R"({"id":1,"title":"glass","price":3})").add(R"({"id":2,"title":"grass","price":1})");
    books.add(R"({"id":3,"title":"glass"})").add(R"({"id":4,"title":"glass","price":"cheap"})");
    EXPECT_THAT(books.ids(R"({"q":"glass","sort":["price:asc"]})"), ElementsAre("2", "1", "4", "3"));
    EXPECT_THAT(books.ids(R"({"q":"glass"})"), ElementsAre("1", "4", "3", "2"));
    EXPECT_THAT(books.ids(R"({"sort":["price:desc"]})"), ElementsAre("1", "2", "4", "3"));
    EXPECT_EQ(
        books.first(R"({"sort":["price:desc"],"showRankingScoreDetails":true})", "_rankingScoreDetails"),
        R"({"price:desc":{"order":0,"value":3.0}})");
}

TEST(Search, HighlightsAndCrops) {
    Library books;
    books.add(
        R"({"id":1,"title":"The Glassblower's Daughter","n":12,"text":"one two three glass five six"})");
    EXPECT_EQ(books.first(R"({"q":"glass","attributesToHighlight":["title"]})", "_formatted"),
              R"({"id":"1","title":"The <em>Glass</em>blower's Daughter","n":"12",)"
              R"("text":"one two three glass five six"})");
    EXPECT_THAT(books.first(R"({"q":"glass","attributesToCrop":["text"],"cropLength":3})", "_formatted"),
                HasSubstr(R"("text":"…three glass five…")"));
    EXPECT_EQ(books.first(R"({"q":"glass","showMatchesPosition":true})", "_matchesPosition"),
              R"({"text":[{"start":14,"length":5}],"title":[{"start":4,"length":5}]})");
}

TEST(Search, CountsFacetsNumbersFirst) {
    Library books(R"({"filterableAttributes":["tag"]})");
    books.add(R"({"id":1,"tag":["Sea",10]})")
        .add(R"({"id":2,"tag":["sea","Air"]})")
        .add(R"({"id":3,"tag":9.5})");
    const std::string request = R"({"facets":["tag"]})";
    EXPECT_EQ(books.member(request, "facetDistribution"), R"({"tag":{"10":1,"9.5":1,"Air":1,"Sea":2}})");
    EXPECT_EQ(books.member(request, "facetStats"), R"({"tag":{"min":9.5,"max":10.0}})");
}

TEST(Search, FacetsByCountAreCut) {
    Library books(R"({"filterableAttributes":["tag"],
                      "faceting":{"maxValuesPerFacet":2,"sortFacetValuesBy":{"*":"count"}}})");
    books.add(R"({"id":1,"tag":["a","c"]})").add(R"({"id":2,"tag":["b","c"]})");
    EXPECT_EQ(books.member(R"({"facets":["*"]})", "facetDistribution"), R"({"tag":{"c":2,"a":1}})");
}

TEST(Search, OfADistinctValueTheBestDocumentStays) {
    Library books(R"({"filterableAttributes":["group"]})");
    books.add(R"({"id":1,"group":"a"})").add(R"({"id":2,"group":"A"})").add(R"({"id":3})").add(R"({"id":4})");
    EXPECT_THAT(books.ids(R"({"distinct":"group"})"), ElementsAre("1", "3", "4"));
    EXPECT_EQ(books.member(R"({"distinct":"group","hitsPerPage":1})", "totalHits"), "3");
}

TEST(Search, PagesEndAtMaxTotalHits) {
    Library books(R"({"pagination":{"maxTotalHits":3}})");
    for (int i = 1; i <= 5; ++i) {
        books.add("{\"id\":" + std::to_string(i) + "}");
    }
    EXPECT_THAT(books.ids(R"({"offset":2,"limit":5})"), ElementsAre("3"));
    EXPECT_EQ(books.member(R"({"offset":2,"limit":5})", "estimatedTotalHits"), "5");
    EXPECT_THAT(books.ids(R"({"page":2,"hitsPerPage":2})"), ElementsAre("3"));
    EXPECT_EQ(books.member(R"({"page":2,"hitsPerPage":2})", "totalPages"), "3");
    EXPECT_THAT(books.ids(R"({"limit":0})"), IsEmpty());
    EXPECT_THAT(books.ids(R"({"page":0})"), IsEmpty());
}

TEST(Search, MarkersAreFilteredButNeverMatch) {
    Library books(R"({"filterableAttributes":["_miroir_shard"]})");
    books.add(R"({"id":1,"title":"glass","_miroir_shard":"∔∔∖∗"})");
    EXPECT_THAT(books.ids(R"({"filter":"_miroir_shard IN [\"∔∔∖∗\"]"})"), ElementsAre("1"));
    EXPECT_THAT(books.ids(R"({"filter":"_miroir_shard IN [\"∔∔∖∘\"]"})"), IsEmpty());
    EXPECT_EQ(books.first(R"({"q":"glass","showMatchesPosition":true})", "_matchesPosition"),
              R"({"title":[{"start":0,"length":5}]})");
}

// The promise that lets answers of several nodes be merged.
TEST(Search, ScoresDoNotDependOnTheOtherDocuments) {
    const std::vector<std::string> vocabulary = {"glass",   "grass",  "ship", "shipping", "salt",
                                                 "harbour", "harbor", "sea",  "of",       "librarian"};
    std::mt19937 random(7);
    const auto text = [&](std::size_t count) {
        std::string out;
        for (std::size_t i = 0; i < count; ++i) {
            out += vocabulary[random() % vocabulary.size()] + (random() % 4 == 0 ? ". " : " ");
        }
        return out;
    };
    const std::string settings = R"({"searchableAttributes":["title","text"]})";
    Library together(settings);
    std::vector<std::unique_ptr<Library>> alone;
    for (int id = 0; id < 40; ++id) {
        const auto body = "{\"id\":" + std::to_string(id) + ",\"title\":\"" + text(1 + random() % 4) +
                          "\",\"text\":\"" + text(random() % 12) + "\"}";
        together.add(body);
        alone.push_back(std::make_unique<Library>(settings));
        alone.back()->add(body);
    }
    for (int round = 0; round < 60; ++round) {
        auto q = text(1 + random() % 4);
        q.pop_back();
        const auto request = "{\"q\":\"" + q + "\",\"limit\":100,\"showRankingScoreDetails\":true," +
                             "\"showRankingScore\":true}";
        std::size_t expected = 0;
        const auto found = together.answer(request);
        for (const auto& hit : found.find("hits")->items) {
            const auto single = alone[hit.find("id")->number.positive]->answer(request);
            ASSERT_EQ(single.find("hits")->items.size(), 1U) << q;
            EXPECT_EQ(meili::print(single.find("hits")->items[0]), meili::print(hit)) << q;
            ++expected;
        }
        std::size_t matching = 0;
        for (const auto& library : alone) {
            matching += library->answer(request).find("hits")->items.size();
        }
        EXPECT_EQ(matching, expected) << q;
    }
}

}  // namespace
}  // namespace miroir::devnode
