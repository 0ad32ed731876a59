#include "devnode/ranking.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "devnode/sort_value.hpp"

namespace miroir::devnode {

namespace {

constexpr std::uint32_t proximity_max = 4;

std::uint32_t position_cost(std::uint32_t distance) {
    constexpr std::array<std::uint32_t, 10> ends = {0, 1, 4, 7, 11, 16, 24, 64, 256, 1024};
    const auto at =
        std::find_if(ends.begin(), ends.end(), [&](std::uint32_t end) { return distance <= end; });
    return static_cast<std::uint32_t>(at - ends.begin());
}

// Far positions are only known roughly, as in the engine's index.
std::uint32_t bucketed(std::uint32_t position) {
    if (position < 16) {
        return position;
    }
    if (position < 24) {
        return 24;
    }
    std::uint32_t bucket = 32;
    while (bucket < position) {
        bucket *= 2;
    }
    return bucket;
}

std::uint32_t proximity(const Occurrence& left, const Occurrence& right, bool by_attribute) {
    if (left.field != right.field) {
        return proximity_max;
    }
    if (by_attribute) {
        return 1;
    }
    const std::uint32_t distance =
        left.last <= right.first ? right.first - left.last : left.last - right.first + 1U;
    return std::clamp<std::uint32_t>(distance, 1, proximity_max);
}

// Computes the scores of one document.
class Scorer {
public:
    Scorer(const RankingContext& context, const Document& document, DocumentMatch& match)
        : context_(context), document_(document), match_(match) {}

    Score score(const RankingStep& step) {
        switch (step.rule) {
            case Rule::words:
                return {match_.kept_count, static_cast<std::uint32_t>(match_.kept.size())};
            case Rule::typo:
                return typo();
            case Rule::proximity:
                return proximity_score();
            case Rule::attribute_rank:
                return attribute_rank();
            case Rule::word_position:
                return word_position();
            case Rule::exact_attribute:
                return {exact_attribute(), 3};
            case Rule::exact_words:
                return exact_words();
            case Rule::sort:
            case Rule::geo_sort:
                break;
        }
        return sort_score(step, document_);
    }

private:
    template <class Visit>
    void each_kept(Visit&& visit) {
        for (std::size_t term = 0; term < match_.kept.size(); ++term) {
            if (match_.kept[term]) {
                visit(context_.query->terms[term], match_.occurrences[term]);
            }
        }
    }

    Score typo() {
        std::uint32_t typos = 0;
        std::uint32_t typos_max = 0;
        each_kept([&](const QueryTerm& term, std::vector<Occurrence>& found) {
            std::uint8_t fewest = 2;
            for (const auto& occurrence : found) {
                fewest = std::min(fewest, occurrence.typos);
            }
            const auto more = [&](const Occurrence& occurrence) { return occurrence.typos > fewest; };
            std::erase_if(found, more);
            typos += fewest;
            // A word that allows no typo could still be split in two, which counts as one.
            typos_max += term.is_phrase() ? 0U : static_cast<std::uint32_t>(std::max(term.typos_max, 1));
        });
        return Score::of_cost(typos, typos_max);
    }

    Score proximity_score() {
        std::uint32_t cost = 0;
        std::uint32_t cost_max = 0;
        const QueryTerm* previous = nullptr;
        const std::vector<Occurrence>* before = nullptr;
        each_kept([&](const QueryTerm& term, const std::vector<Occurrence>& found) {
            if (previous && previous->last_position + 1 == term.first_position) {
                std::uint32_t nearest = proximity_max;
                for (const auto& left : *before) {
                    for (const auto& right : found) {
                        nearest = std::min(nearest, proximity(left, right, context_.proximity_by_attribute));
                    }
                }
                cost += nearest - 1;
                cost_max += proximity_max - 1;
            }
            previous = &term;
            before = &found;
        });
        return Score::of_cost(cost, cost_max);
    }

    Score attribute_rank() {
        std::uint32_t cost = 0;
        each_kept([&](const QueryTerm&, const std::vector<Occurrence>& found) {
            std::uint32_t best = context_.attribute_rank_max;
            for (const auto& occurrence : found) {
                best = std::min<std::uint32_t>(best, document_.fields[occurrence.field].rank);
            }
            cost += best;
        });
        return Score::of_cost(cost, context_.attribute_rank_max * match_.kept_count);
    }

    Score word_position() {
        std::uint32_t cost = 0;
        for (std::size_t term = 0; term < match_.kept.size(); ++term) {
            if (!match_.kept[term]) {
                continue;
            }
            const std::uint32_t wanted = context_.query->terms[term].first_position;
            const auto& found = match_.occurrences[term];
            std::uint32_t best = 10;
            const auto look_at = [&](const Occurrence& occurrence) {
                const std::uint32_t at = bucketed(occurrence.first);
                best = std::min(best, position_cost(at > wanted ? at - wanted : wanted - at));
            };
            std::for_each(found.begin(), found.end(), look_at);
            for (const auto& occurrence : match_.elsewhere[term]) {
                if (occurrence.typos == found.front().typos) {
                    look_at(occurrence);
                }
            }
            cost += best;
        }
        return Score::of_cost(cost, 10 * match_.kept_count);
    }

    // 3: a field is the query; 2: a field starts with it; 1: neither.
    std::uint32_t exact_attribute() {
        const auto first_dropped = std::find(match_.kept.begin(), match_.kept.end(), false);
        if (std::find(first_dropped, match_.kept.end(), true) != match_.kept.end()) {
            return 1;
        }
        std::uint32_t best = 1;
        for (std::uint16_t field = 0; field < document_.fields.size(); ++field) {
            std::uint32_t words = 0;
            bool starts = true;
            each_kept([&](const QueryTerm& term, const std::vector<Occurrence>& found) {
                words += term.last_position - term.first_position + 1;
                starts = starts && std::any_of(found.begin(), found.end(), [&](const Occurrence& occurrence) {
                             return occurrence.exact && occurrence.field == field &&
                                    occurrence.first == term.first_position;
                         });
            });
            if (starts) {
                best = std::max<std::uint32_t>(best, document_.fields[field].words.size() == words ? 3 : 2);
            }
        }
        return best;
    }

    Score exact_words() {
        std::uint32_t exact = 0;
        each_kept([&](const QueryTerm&, const std::vector<Occurrence>& found) {
            exact +=
                std::any_of(found.begin(), found.end(), [](const Occurrence& o) { return o.exact; }) ? 1 : 0;
        });
        return {exact + 1, match_.kept_count + 1};
    }

    const RankingContext& context_;
    const Document& document_;
    DocumentMatch& match_;
};

class PlanMaker {
public:
    PlanMaker(const std::vector<SortCriterion>& sort, bool all_terms, bool placeholder,
              const std::vector<std::string>* displayed)
        : sort_(sort), placeholder_(placeholder), words_(all_terms), displayed_(displayed) {}

    RankingPlan make(const std::vector<std::string>& rules) {
        for (const auto& rule : rules) {
            add(rule);
        }
        return std::move(plan_);
    }

private:
    void add(const std::string& rule) {
        if (rule == "sort") {
            for (const auto& criterion : sort_) {
                add_sort(criterion);
            }
        } else if (const auto colon = rule.rfind(':'); colon != std::string::npos) {
            add_sort({rule.substr(0, colon), rule.substr(colon + 1) == "asc"});
        } else if (!placeholder_ && seen_.insert(rule).second) {
            add_relevancy(rule);
        }
    }

    void add_relevancy(const std::string& rule) {
        if (!words_) {
            plan_.steps.push_back({Rule::words});
            words_ = true;
        }
        if (rule == "typo") {
            plan_.steps.push_back({Rule::typo});
        } else if (rule == "proximity") {
            plan_.steps.push_back({Rule::proximity});
        } else if (rule == "attribute") {
            plan_.attribute_unified = true;
            plan_.steps.push_back({Rule::attribute_rank});
            plan_.steps.push_back({Rule::word_position});
        } else if (rule == "attributeRank") {
            plan_.steps.push_back({Rule::attribute_rank});
        } else if (rule == "wordPosition") {
            plan_.steps.push_back({Rule::word_position});
        } else if (rule == "exactness") {
            plan_.steps.push_back({Rule::exact_attribute});
            plan_.steps.push_back({Rule::exact_words});
        }
    }

    void add_sort(const SortCriterion& criterion) {
        RankingStep step;
        step.rule = criterion.geo ? Rule::geo_sort : Rule::sort;
        step.field = criterion.field;
        step.ascending = criterion.ascending;
        step.latitude = criterion.latitude;
        step.longitude = criterion.longitude;
        step.hidden = displayed_ && !criterion.geo &&
                      std::find(displayed_->begin(), displayed_->end(), criterion.field) == displayed_->end();
        if (criterion.geo ? geo_seen_ : !sorted_.insert(criterion.field).second) {
            return;
        }
        geo_seen_ = geo_seen_ || criterion.geo;
        plan_.steps.push_back(std::move(step));
    }

    const std::vector<SortCriterion>& sort_;
    bool placeholder_;
    bool words_;
    const std::vector<std::string>* displayed_;
    RankingPlan plan_;
    std::set<std::string> seen_;
    std::set<std::string> sorted_;
    bool geo_seen_ = false;
};

}  // namespace

RankingPlan make_plan(const std::vector<std::string>& ranking_rules, const std::vector<SortCriterion>& sort,
                      bool all_terms, bool placeholder, const std::vector<std::string>* displayed) {
    return PlanMaker(sort, all_terms, placeholder, displayed).make(ranking_rules);
}

std::vector<Score> score(const RankingPlan& plan, const RankingContext& context, const Document& document,
                         DocumentMatch& match) {
    Scorer scorer(context, document, match);
    std::vector<Score> out;
    out.reserve(plan.steps.size());
    for (const auto& step : plan.steps) {
        out.push_back(scorer.score(step));
    }
    return out;
}

bool ranks_before(const RankingPlan& plan, const RankedDocument& left, const RankedDocument& right) {
    for (std::size_t i = 0; i < plan.steps.size(); ++i) {
        const auto& step = plan.steps[i];
        const auto& a = left.scores[i];
        const auto& b = right.scores[i];
        if (step.rule == Rule::sort || step.rule == Rule::geo_sort) {
            if (const int order = compare_sort(step, a, b); order != 0) {
                return order < 0;
            }
        } else if (a.max_rank - a.rank != b.max_rank - b.rank) {
            return a.max_rank - a.rank < b.max_rank - b.rank;
        }
    }
    return left.document->number < right.document->number;
}

double global_score(const std::vector<Score>& scores) {
    std::uint64_t rank = 1;
    std::uint64_t max_rank = 1;
    for (const auto& score : scores) {
        if (score.max_rank != 0) {
            rank = (rank - std::min<std::uint64_t>(rank, 1)) * score.max_rank + score.rank;
            max_rank *= score.max_rank;
        }
    }
    return static_cast<double>(rank) / static_cast<double>(max_rank);
}

}  // namespace miroir::devnode
