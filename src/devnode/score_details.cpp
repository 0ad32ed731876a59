#include "devnode/ranking.hpp"
#include "miroir/meili/facet_value.hpp"
#include "miroir/meili/json_text.hpp"

namespace miroir::devnode {

namespace {

void append_score(std::string& out, const std::vector<Score>& scores) {
    out += "\"score\":";
    meili::append_json_double(out, global_score(scores));
}

class DetailsPrinter {
public:
    explicit DetailsPrinter(const RankingPlan& plan) : plan_(plan) {}

    std::string print(const std::vector<Score>& scores) {
        out_ = "{";
        for (std::size_t i = 0; i < plan_.steps.size(); ++i) {
            i += entry(i, scores) - 1;
        }
        return out_ + "}";
    }

private:
    // Prints the entry of step `i`; returns how many steps it covers.
    std::size_t entry(std::size_t i, const std::vector<Score>& scores) {
        const auto& score = scores[i];
        switch (plan_.steps[i].rule) {
            case Rule::words:
                open("words");
                counts("matchingWords", score.rank, "maxMatchingWords", score.max_rank);
                return close({score});
            case Rule::typo:
                open("typo");
                counts("typoCount", score.max_rank - score.rank, "maxTypoCount", score.max_rank - 1);
                return close({score});
            case Rule::proximity:
                open("proximity");
                return close({score});
            case Rule::attribute_rank:
                if (plan_.attribute_unified) {
                    return attribute(score, scores[i + 1]);
                }
                open("attributeRank");
                return close({score});
            case Rule::word_position:
                open("wordPosition");
                return close({score});
            case Rule::exact_attribute:
                return exactness(score, scores[i + 1]);
            case Rule::exact_words:
                return 1;
            case Rule::sort:
                return sort(plan_.steps[i], score);
            case Rule::geo_sort:
                return geo_sort(plan_.steps[i], score);
        }
        return 1;
    }

    std::size_t attribute(const Score& rank, const Score& position) {
        open("attribute");
        out_ += "\"attributeRankingOrderScore\":";
        meili::append_json_double(out_, global_score({rank}));
        out_ += ",\"queryWordDistanceScore\":";
        meili::append_json_double(out_, global_score({position}));
        out_ += ',';
        close({rank, position});
        return 2;
    }

    std::size_t exactness(const Score& attribute, const Score& words) {
        open("exactness");
        out_ += attribute.rank == 3   ? R"("matchType":"exactMatch",)"
                : attribute.rank == 2 ? R"("matchType":"matchesStart",)"
                                      : R"("matchType":"noExactMatch",)";
        if (attribute.rank > 1) {
            close({attribute});
            return 2;
        }
        counts("matchingWords", words.rank - 1, "maxMatchingWords", words.max_rank - 1);
        close({attribute, words});
        return 2;
    }

    std::size_t sort(const RankingStep& step, const Score& score) {
        open(step.hidden ? "<hidden-rule-" + std::to_string(order_) + ">"
                         : step.field + (step.ascending ? ":asc" : ":desc"));
        out_ += "\"value\":";
        if (step.hidden) {
            out_ += "\"<hidden>\"";
        } else if (score.value == Score::Value::number) {
            meili::append_json_double(out_, score.number);
        } else if (score.value == Score::Value::text) {
            meili::append_json_string(out_, score.text);
        } else {
            out_ += "null";
        }
        out_ += '}';
        return 1;
    }

    std::size_t geo_sort(const RankingStep& step, const Score& score) {
        open("_geoPoint(" + meili::print_number(step.latitude) + ", " + meili::print_number(step.longitude) +
             ")" + (step.ascending ? ":asc" : ":desc"));
        if (score.value != Score::Value::point) {
            out_ += R"("value":null,"distance":null})";
            return 1;
        }
        out_ += R"("value":{"lat":)";
        meili::append_json_double(out_, score.latitude);
        out_ += R"(,"lng":)";
        meili::append_json_double(out_, score.longitude);
        out_ += R"(},"distance":)";
        meili::append_json_double(out_, score.number);
        out_ += '}';
        return 1;
    }

    void open(const std::string& name) {
        out_ += out_.size() == 1 ? "" : ",";
        meili::append_json_string(out_, name);
        out_ += ":{\"order\":" + std::to_string(order_++) + ",";
    }

    void counts(std::string_view name, std::uint32_t value, std::string_view max_name,
                std::uint32_t max_value) {
        out_ += '"';
        out_ += name;
        out_ += "\":" + std::to_string(value) + ",\"";
        out_ += max_name;
        out_ += "\":" + std::to_string(max_value) + ",";
    }

    std::size_t close(const std::vector<Score>& scores) {
        append_score(out_, scores);
        out_ += '}';
        return 1;
    }

    const RankingPlan& plan_;
    std::string out_;
    std::uint32_t order_ = 0;
};

}  // namespace

std::string score_details(const RankingPlan& plan, const std::vector<Score>& scores) {
    return DetailsPrinter(plan).print(scores);
}

}  // namespace miroir::devnode
