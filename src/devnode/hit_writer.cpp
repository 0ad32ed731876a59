#include "devnode/hit_writer.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace miroir::devnode {

namespace {

// "title:5" is title with a length of its own.
std::pair<std::string, std::size_t> crop_of(const std::string& attribute, std::size_t default_length) {
    const auto colon = attribute.rfind(':');
    if (colon == std::string::npos) {
        return {attribute, default_length};
    }
    std::size_t length = 0;
    const auto* end = attribute.data() + attribute.size();
    const auto read = std::from_chars(attribute.data() + colon + 1, end, length);
    return {attribute.substr(0, colon), read.ec == std::errc{} && read.ptr == end ? length : default_length};
}

}  // namespace

JsonValue without_vectors(const JsonValue& document) {
    JsonValue out = document;
    const auto is_vectors = [](const meili::JsonMember& member) { return member.key == "_vectors"; };
    out.members.erase(std::remove_if(out.members.begin(), out.members.end(), is_vectors), out.members.end());
    return out;
}

HitWriter::HitWriter(const Index& index, const meili::SearchQuery& query, const CheckedSearch& checked,
                     const QueryTerms& terms)
    : index_(index),
      query_(query),
      checked_(checked),
      matcher_(terms, index.rules().query.tokens),
      markers_{query.highlight_pre_tag, query.highlight_post_tag, query.crop_marker},
      displayed_(index.rules().displayed) {
    Selection wanted;
    if (query.attributes_to_retrieve && !selects_all(*query.attributes_to_retrieve)) {
        wanted = *query.attributes_to_retrieve;
    }
    retrieved_ = intersect(displayed_, wanted);
    plan_formats();
}

void HitWriter::plan_format(const std::string& name, const FormatOptions& options) {
    const auto add = [&](const std::string& shown) {
        auto& format = formats_[shown];
        format.highlight = format.highlight || options.highlight;
        format.crop = options.crop ? options.crop : format.crop;
    };
    if (name == "*" && !displayed_) {
        add("*");
        return;
    }
    if (name == "*") {
        std::for_each(displayed_->begin(), displayed_->end(), add);
        return;
    }
    const auto shown = intersect(displayed_, std::vector<std::string>{name});
    if (index_.knows_field(name) && std::find(shown->begin(), shown->end(), name) != shown->end()) {
        add(name);
    }
}

void HitWriter::plan_formats() {
    for (const auto& name : query_.attributes_to_highlight.value_or(std::vector<std::string>{})) {
        plan_format(name, {true, std::nullopt});
    }
    for (const auto& attribute : query_.attributes_to_crop.value_or(std::vector<std::string>{})) {
        const auto [name, length] = crop_of(attribute, query_.crop_length);
        plan_format(name, {false, length});
    }
}

std::optional<meili::GeoPoint> HitWriter::geo_target() const {
    for (const auto& criterion : checked_.sort) {
        if (criterion.geo) {
            return meili::GeoPoint{criterion.latitude, criterion.longitude};
        }
    }
    return std::nullopt;
}

std::string HitWriter::document_json(const Document& document) const {
    const auto target = geo_target();
    if (!retrieved_ && !target && !document.tree.find("_vectors")) {
        return document.body;
    }
    auto shown = select(without_vectors(document.tree), retrieved_);
    std::string out = meili::print(shown);
    const auto point = target ? geo_point_of(shown) : std::nullopt;
    if (point) {
        out.pop_back();
        out += out.size() == 1 ? "" : ",";
        const auto metres = meili::distance_between(*target, *point);
        out += "\"_geoDistance\":" + std::to_string(static_cast<std::uint64_t>(std::round(metres))) + "}";
    }
    return out;
}

void HitWriter::append(std::string& out, const RankingPlan& plan, const RankedDocument& hit) const {
    const auto& document = *hit.document;
    std::string json = document_json(document);
    json.pop_back();
    const auto add = [&](std::string_view name, const std::string& value) {
        json += json.size() == 1 ? "\"" : ",\"";
        json += name;
        json += "\":" + value;
    };
    if (!formats_.empty()) {
        const Selection shown = formats_.count("*") ? displayed_ : retrieved_;
        add("_formatted", meili::print(format_document(without_vectors(document.tree), formats_, shown,
                                                       matcher_, markers_)));
    }
    if (query_.show_matches_position) {
        add("_matchesPosition",
            matches_position(select(without_vectors(document.tree), displayed_), matcher_));
    }
    if (query_.show_ranking_score) {
        std::string score;
        meili::append_json_double(score, global_score(hit.scores));
        add("_rankingScore", score);
    }
    if (query_.show_ranking_score_details) {
        add("_rankingScoreDetails", score_details(plan, hit.scores));
    }
    out += json + "}";
}

}  // namespace miroir::devnode
