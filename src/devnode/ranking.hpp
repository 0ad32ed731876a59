#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "devnode/matching.hpp"

namespace miroir::devnode {

enum class Rule {
    words,
    typo,
    proximity,
    attribute_rank,
    word_position,
    exact_attribute,
    exact_words,
    sort,
    geo_sort
};

struct RankingStep {
    Rule rule = Rule::words;
    // Of sort: the field; hidden when clients may not see its values.
    std::string field{};
    bool ascending = true;
    bool hidden = false;
    double latitude = 0;
    double longitude = 0;
};

struct RankingPlan {
    std::vector<RankingStep> steps;
    // attribute_rank and word_position come from the one rule `attribute`.
    bool attribute_unified = false;
};

// A criterion of a request's `sort`, or a custom ranking rule.
struct SortCriterion {
    std::string field{};
    bool ascending = true;
    bool geo = false;
    double latitude = 0;
    double longitude = 0;
};

// `hides` tells which sort fields clients may not see.
RankingPlan make_plan(const std::vector<std::string>& ranking_rules, const std::vector<SortCriterion>& sort,
                      bool all_terms, bool placeholder, const std::vector<std::string>* displayed);

// How one document does in one step. Ranks count from max_rank (best) down.
struct Score {
    std::uint32_t rank = 0;
    std::uint32_t max_rank = 0;
    enum class Value { none, missing, number, text, point };
    Value value = Value::none;
    double number = 0;  // of a point: metres to the target
    std::string text;
    double latitude = 0;
    double longitude = 0;

    static Score of_cost(std::uint32_t cost, std::uint32_t cost_max) {
        return {cost_max + 1 - cost, cost_max + 1};
    }
    Score() = default;
    Score(std::uint32_t rank_, std::uint32_t max_rank_) : rank(rank_), max_rank(max_rank_) {}
};

struct RankedDocument {
    const Document* document = nullptr;
    std::vector<Score> scores;
};

// What the ranking of an index needs to know besides the query.
struct RankingContext {
    const QueryTerms* query = nullptr;
    // Highest place in searchableAttributes; 0 when all are searchable.
    std::uint32_t attribute_rank_max = 0;
    bool proximity_by_attribute = false;
};

// The scores of a document that matches. Narrows `match` to the occurrences with the fewest typos where the
// typo step says so.
std::vector<Score> score(const RankingPlan& plan, const RankingContext& context, const Document& document,
                         DocumentMatch& match);

// Better first; the document number decides last.
bool ranks_before(const RankingPlan& plan, const RankedDocument& left, const RankedDocument& right);

// `_rankingScore`.
double global_score(const std::vector<Score>& scores);
// `_rankingScoreDetails` as JSON.
std::string score_details(const RankingPlan& plan, const std::vector<Score>& scores);

}  // namespace miroir::devnode
