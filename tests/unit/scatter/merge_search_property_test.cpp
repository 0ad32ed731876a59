// Random documents dealt out to random nodes: pages of the merged answers must be the pages of one sorted
// list.

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <random>

#include "answers.hpp"

namespace miroir::scatter {
namespace {

// A ranking rule whose entries, in this order, go from best to worst.
struct RuleModel {
    std::string name;
    std::vector<std::string> best_to_worst;
};

const std::vector<RuleModel> rule_models = {
    {"words",
     {R"("matchingWords":3,"maxMatchingWords":3,"score":1.0)",
      R"("matchingWords":2,"maxMatchingWords":3,"score":0.67)",
      R"("matchingWords":1,"maxMatchingWords":3,"score":0.33)"}},
    {"typo",
     {R"("typoCount":0,"maxTypoCount":3,"score":1.0)", R"("typoCount":1,"maxTypoCount":3,"score":0.75)",
      R"("typoCount":2,"maxTypoCount":3,"score":0.5)"}},
    {"proximity", {R"("score":1.0)", R"("score":0.5714285714285714)", R"("score":0.5714285714285713)"}},
    {"attributeRank", {R"("score":1.0)", R"("score":0.9)", R"("score":0.1)"}},
    {"year:asc",
     {R"("value":-1e3)", R"("value":7)", R"("value":12.5)", R"("value":"12")", R"("value":"a\"b")",
      R"("value":null)"}},
    {"size:desc",
     {R"("value":100)", R"("value":99.5)", R"("value":"z")", R"("value":"a")", R"("value":null)"}},
    {"_geoPoint(1, 2):asc",
     {R"("value":{"lat":1.0,"lng":2.0},"distance":0.0)", R"("value":null,"distance":17.25)",
      R"("value":null,"distance":null)"}},
    {"_geoPoint(1, 2):desc",
     {R"("value":null,"distance":900.0)", R"("value":null,"distance":17.25)",
      R"("value":null,"distance":null)"}},
    {"wordPosition", {R"("score":1.0)", R"("score":0.25)"}},
    {"attribute",
     {R"("attributeRankingOrderScore":1.0,"queryWordDistanceScore":0.9,"score":0.99)",
      R"("attributeRankingOrderScore":1.0,"queryWordDistanceScore":0.8,"score":0.98)",
      R"("attributeRankingOrderScore":0.5,"queryWordDistanceScore":1.0,"score":0.999)"}},
    {"exactness",
     {R"("matchType":"exactMatch","score":1.0)", R"("matchType":"matchesStart","score":0.67)",
      R"("matchType":"noExactMatch","matchingWords":2,"maxMatchingWords":3,"score":0.3)",
      R"("matchType":"noExactMatch","matchingWords":0,"maxMatchingWords":3,"score":0.9)"}},
    {"vectorSort", {R"("similarity":0.9)", R"("similarity":0.89999)", R"("similarity":null)"}},
};

struct ModelDocument {
    std::uint32_t id = 0;
    std::size_t node = 0;
    std::vector<std::size_t> ranks;
    std::string hit;
};

class Corpus {
public:
    Corpus(unsigned seed, std::size_t nodes) : random_(seed), nodes_(nodes) {
        std::vector<RuleModel> rules = rule_models;
        std::shuffle(rules.begin(), rules.end(), random_);
        rules.resize(below(5));
        const auto count = below(90);
        for (std::uint32_t id = 0; id < count; ++id) {
            documents_.push_back(a_document(id, rules));
        }
        std::stable_sort(documents_.begin(), documents_.end(),
                         [](auto& a, auto& b) { return a.ranks < b.ranks; });
    }

    std::size_t below(std::size_t bound) {
        return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random_);
    }
    const std::vector<ModelDocument>& documents() const { return documents_; }

    std::string answer(std::size_t node, std::uint64_t limit) const {
        std::vector<std::string> hits;
        std::uint64_t total = 0;
        for (const auto& document : documents_) {
            if (document.node == node) {
                ++total;
                if (hits.size() < limit) {
                    hits.push_back(document.hit);
                }
            }
        }
        return an_answer(hits, total);
    }

    std::vector<std::string> page(std::uint64_t first, std::uint64_t last) const {
        std::vector<std::string> out;
        for (auto i = first; i < std::min<std::uint64_t>(last, documents_.size()); ++i) {
            out.push_back("{\"id\":" + std::to_string(documents_[i].id) + "}");
        }
        return out;
    }

private:
    ModelDocument a_document(std::uint32_t id, const std::vector<RuleModel>& rules) {
        ModelDocument document{id, below(nodes_), {}, {}};
        std::string details = "{";
        for (std::size_t order = 0; order < rules.size(); ++order) {
            const auto& rule = rules[order];
            document.ranks.push_back(below(rule.best_to_worst.size()));
            details += (order == 0 ? "\"" : ",\"") + rule.name + R"(":{"order":)" + std::to_string(order) +
                       "," + rule.best_to_worst[document.ranks.back()] + "}";
        }
        document.hit = a_hit("\"id\":" + std::to_string(id), id, details + "}");
        return document;
    }

    std::mt19937 random_;
    std::size_t nodes_;
    std::vector<ModelDocument> documents_;
};

std::string list_of(const std::vector<std::string>& hits) {
    std::string out = "[";
    for (const auto& hit : hits) {
        out += (out.size() == 1 ? "" : ",") + hit;
    }
    return out + "]";
}

// Asks the nodes for part of what may be needed, and again where that was too little.
std::string fetched_in_parts(const NodeSearch& search, const Corpus& corpus, std::size_t nodes) {
    std::vector<std::uint64_t> asked(nodes, search.first_fetch(1, nodes));
    for (std::size_t round = 0; round <= nodes; ++round) {
        Answers answers;
        for (std::size_t node = 0; node < nodes; ++node) {
            answers.add("n" + std::to_string(node), corpus.answer(node, asked[node]), asked[node]);
        }
        const auto result = merge_search(search, answers.list(), test_facts);
        EXPECT_TRUE(result);
        if (!result || result.value().need_more.empty()) {
            return result ? result.value().body : "";
        }
        for (const auto& node : result.value().need_more) {
            asked[static_cast<std::size_t>(std::stoi(node.str().substr(1)))] = search.window.needed;
        }
    }
    ADD_FAILURE() << "nodes were asked more often than there are nodes";
    return "";
}

TEST(MergeSearchProperty, PagesAreThoseOfOneSortedList) {
    for (unsigned seed = 0; seed < 60; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        const std::size_t nodes = 1 + seed % 6;
        Corpus corpus(seed, nodes);
        const auto size = 3 + corpus.below(30);
        for (std::uint64_t offset = 0; offset < corpus.documents().size() + size; offset += size) {
            const auto search = a_search(R"({"offset":)" + std::to_string(offset) + R"(,"limit":)" +
                                         std::to_string(size) + "}");
            const auto body = fetched_in_parts(search, corpus, nodes);
            ASSERT_EQ(hits_of(body), list_of(corpus.page(offset, offset + size)));
            const auto total = R"("estimatedTotalHits":)" + std::to_string(corpus.documents().size()) + ",";
            ASSERT_NE(body.find(total), std::string::npos) << body;
        }
    }
}

}  // namespace
}  // namespace miroir::scatter
