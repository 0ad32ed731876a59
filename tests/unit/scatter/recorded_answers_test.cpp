// Real answers of Meilisearch, dealt out to made-up nodes, must come back byte for byte.

#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <nlohmann/json.hpp>

#include "answers.hpp"

namespace miroir::scatter {
namespace {

using Json = nlohmann::ordered_json;

std::vector<Json> recorded_answers() {
    std::ifstream in(MIROIR_SOURCE_DIR "/tests/unit/scatter/data/recorded_answers.jsonl");
    std::vector<Json> all;
    for (std::string line; std::getline(in, line);) {
        all.push_back(Json::parse(line));
    }
    return all;
}

// The document's members, the markers as its last ones, then what the engine adds.
std::string as_node_prints(const Json& hit, std::uint32_t position, bool semantic) {
    std::string members;
    std::string added;
    bool scored = false;
    bool detailed = false;
    for (const auto& [name, value] : hit.items()) {
        const bool engine =
            name == "_formatted" || name == "_matchesPosition" || name.starts_with("_ranking");
        auto text = value.dump();
        if (name == "_formatted" && !value.empty()) {
            text.insert(text.size() - 1, "," + markers(position));
        }
        scored = scored || name == "_rankingScore";
        detailed = detailed || name == "_rankingScoreDetails";
        auto& target = engine ? added : members;
        target += "\"" + name + "\":" + text + ",";
    }
    if (!scored) {
        added += "\"_rankingScore\":1.0,";
    }
    if (!detailed && semantic) {
        const auto score = hit.value("_rankingScore", 0.0);
        const auto similarity = score == 0.0 ? std::string("null") : hit["_rankingScore"].dump();
        added += R"("_rankingScoreDetails":{"vectorSort":{"order":0,"similarity":)" + similarity + "}},";
    } else if (!detailed) {
        added += "\"_rankingScoreDetails\":{},";
    }
    added.pop_back();
    return "{" + members + markers(position) + "," + added + "}";
}

Json share(const Json& counts, std::size_t node, std::size_t nodes) {
    Json out = Json::object();
    for (const auto& [value, count] : counts.items()) {
        const auto all = count.get<std::uint64_t>();
        const auto part = all / nodes + (node < all % nodes ? 1 : 0);
        if (part > 0) {
            out[value] = part;
        }
    }
    return out;
}

std::string answer_of(const Json& whole, std::size_t node, std::size_t nodes) {
    Json out = whole;
    out["hits"] = "@";
    const bool paged = whole.contains("totalHits");
    const auto total = (paged ? whole["totalHits"] : whole["estimatedTotalHits"]).get<std::uint64_t>();
    out[paged ? "totalHits" : "estimatedTotalHits"] = total / nodes + (node < total % nodes ? 1 : 0);
    Json distribution = Json::object();
    const auto facets = whole.value("facetDistribution", Json::object());
    for (const auto& [facet, counts] : facets.items()) {
        distribution[facet] = share(counts, node, nodes);
    }
    distribution["_miroir_shard"] = Json{{"x", 3}};
    out["facetDistribution"] = distribution;
    out["facetStats"] = whole.value("facetStats", Json::object());
    const bool semantic = whole.contains("semanticHitCount");
    std::string hits;
    for (std::size_t i = node; i < whole["hits"].size(); i += nodes) {
        hits += (hits.empty() ? "" : ",") +
                as_node_prints(whole["hits"][i], static_cast<std::uint32_t>(i), semantic);
    }
    auto text = out.dump();
    text.replace(text.find("\"@\""), 3, "[" + hits + "]");
    return text;
}

TEST(RecordedAnswers, SurviveBeingDealtOutToThreeNodes) {
    const std::array<std::string, 3> names = {"c", "a", "b"};
    const auto all = recorded_answers();
    ASSERT_GT(all.size(), 100u);
    for (const auto& recorded : all) {
        SCOPED_TRACE(recorded["from"].get<std::string>());
        const auto& whole = recorded["answer"];
        const auto search = a_search(recorded["query"].dump(), recorded["settings"].dump());
        Answers answers;
        for (std::size_t node = 0; node < names.size(); ++node) {
            answers.add(names[node], answer_of(whole, node, names.size()));
        }
        AnswerFacts facts{whole["requestUid"], whole["processingTimeMs"], {}};
        if (whole.contains("metadata")) {
            facts.metadata_json = whole["metadata"].dump();
        }
        const auto result = merge_search(search, answers.list(), facts);
        ASSERT_TRUE(result) << result.error().detail;
        EXPECT_EQ(result.value().body, whole.dump());
    }
}

}  // namespace
}  // namespace miroir::scatter
