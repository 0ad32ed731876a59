#include "hit_writer.hpp"

#include <algorithm>
#include <charconv>

#include "miroir/meili/facet_value.hpp"
#include "miroir/meili/json_value.hpp"
#include "miroir/meili/markers.hpp"

namespace miroir::scatter {
namespace {

std::string_view sorted_field(const OrderKey& key) {
    return key.name.substr(0, key.name.rfind(':'));
}

bool is_reserved_rule(const OrderKey& key) {
    return key.rule == OrderKey::Rule::sort && meili::is_reserved(key.name);
}

void write_typo(std::string& out, const OrderKey& key, std::size_t order, std::uint32_t typo_max) {
    const double below = typo_max + 1.0;
    out.append("\"typo\":{\"order\":").append(std::to_string(order));
    out.append(",\"typoCount\":").append(std::to_string(key.count));
    out.append(",\"maxTypoCount\":").append(std::to_string(typo_max)).append(",\"score\":");
    meili::append_json_double(out, (below - key.count) / below);
    out += '}';
}

}  // namespace

bool HitWriter::hides(const OrderKey& key) const {
    return key.rule == OrderKey::Rule::sort && search_.settings->displayed &&
           !search_.settings->displays(sorted_field(key));
}

bool HitWriter::copies_details(OrderKeys keys) const {
    return std::none_of(keys.begin(), keys.end(),
                        [this](auto& key) { return is_reserved_rule(key) || hides(key); });
}

void HitWriter::write(std::string& out, const NodeHits& node, const Hit& hit) const {
    const auto keys = node.keys_of(hit);
    out += '{';
    for (const auto piece : node.pieces_of(hit)) {
        out += piece;
    }
    const auto typo_max = maxima_.better_for(keys);
    if (search_.query.show_ranking_score) {
        out += out.back() == '{' ? "\"_rankingScore\":" : ",\"_rankingScore\":";
        std::optional<double> score;
        if (typo_max) {
            const auto shown = meili::parse_finite_number(hit.score);
            score = shown ? score_with(keys, *shown, *typo_max) : std::nullopt;
        }
        if (score) {
            meili::append_json_double(out, *score);
        } else {
            out += hit.score;
        }
    }
    if (search_.query.show_ranking_score_details) {
        out += out.back() == '{' ? "\"_rankingScoreDetails\":" : ",\"_rankingScoreDetails\":";
        if (!typo_max && copies_details(keys)) {
            out += hit.details;
        } else {
            write_details(out, keys, typo_max);
        }
    }
    out += '}';
}

void HitWriter::write_details(std::string& out, OrderKeys keys, std::optional<std::uint32_t> typo_max) const {
    out += '{';
    std::size_t order = 0;
    for (const auto& key : keys) {
        if (is_reserved_rule(key)) {
            continue;
        }
        out += order == 0 ? "" : ",";
        if (hides(key)) {
            const auto number = std::to_string(order);
            out.append("\"<hidden-rule-").append(number).append(">\":{\"order\":").append(number);
            out.append(",\"value\":\"<hidden>\"}");
        } else if (typo_max && key.rule == OrderKey::Rule::typo) {
            write_typo(out, key, order, *typo_max);
        } else {
            out += key.member;
        }
        ++order;
    }
    out += '}';
}

}  // namespace miroir::scatter
