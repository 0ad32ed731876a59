#include "document_list.hpp"

#include <cmath>
#include <numbers>

#include "field_paths.hpp"
#include "miroir/meili/attribute_pattern.hpp"
#include "miroir/meili/facet_value.hpp"
#include "miroir/meili/markers.hpp"

namespace miroir::scatter {
namespace {

double radians(double degrees) {
    return degrees * std::numbers::pi / 180;
}

// Metres along the great circle.
double distance(const GeoTarget& a, const GeoTarget& b) {
    constexpr double mean_radius = 6371008.771415;
    const double lat = std::sin(radians(b.lat - a.lat) / 2);
    const double lng = std::sin(radians(b.lng - a.lng) / 2);
    const double part = lat * lat + std::cos(radians(a.lat)) * std::cos(radians(b.lat)) * lng * lng;
    return 2 * mean_radius * std::asin(std::sqrt(std::min(1.0, part)));
}

// Coordinates may be texts.
std::optional<double> coordinate(std::string_view path, std::string_view geo) {
    std::optional<double> out;
    visit_scalars(path, geo, [&](std::string_view scalar) {
        if (scalar.size() > 1 && scalar.front() == '"') {
            scalar = scalar.substr(1, scalar.size() - 2);
        }
        out = meili::parse_finite_number(scalar);
    });
    return out;
}

class DocumentReader {
public:
    DocumentReader(const NodeDocuments& list, const std::vector<SortRule>& rules, od::document& document,
                   Scratch& scratch, NodeHits& out)
        : list_(list), rules_(rules), document_(document), scratch_(scratch), out_(out) {}

    bool read(od::value value);

private:
    bool read_member(od::field& field, KeptMembers& kept, Hit& hit);
    void add_sort_values(std::string_view key, std::string_view raw, std::size_t first_key);
    void add_scalar(std::string_view scalar, OrderKey& key);
    bool sorts_by(std::string_view key) const;

    const NodeDocuments& list_;
    const std::vector<SortRule>& rules_;
    od::document& document_;
    Scratch& scratch_;
    NodeHits& out_;
};

bool DocumentReader::sorts_by(std::string_view key) const {
    return std::any_of(rules_.begin(), rules_.end(), [key](const SortRule& rule) {
        return rule.geo ? key == "_geo" : meili::is_inside(rule.field, key);
    });
}

// The smallest value counts ascending, the largest descending, any number before any text.
void DocumentReader::add_scalar(std::string_view scalar, OrderKey& key) {
    OrderKey value;
    value.ascending = key.ascending;
    if (scalar == "null") {
        return;
    }
    if (const auto number = meili::parse_finite_number(scalar); number && scalar.front() != '"') {
        value.cost = key.ascending ? *number : -*number;
    } else {
        value.kind = OrderKey::Kind::text;
        const auto text = scalar.front() == '"' ? unquoted(scalar, scratch_) : scalar;
        value.text = scratch_.keep(meili::stored_facet(text));
    }
    if (compare_values(value, key) < 0) {
        key.kind = value.kind;
        key.cost = value.cost;
        key.text = value.text;
    }
}

void DocumentReader::add_sort_values(std::string_view name, std::string_view raw, std::size_t first_key) {
    for (std::size_t i = 0; i < rules_.size(); ++i) {
        auto& key = out_.keys[first_key + i];
        const auto& rule = rules_[i];
        if (!rule.geo) {
            if (meili::is_inside(rule.field, name)) {
                visit_scalars(rule.field, name, raw,
                              [&](std::string_view scalar) { add_scalar(scalar, key); });
            }
        } else if (name == "_geo" && raw.starts_with('{')) {
            const auto lat = coordinate("lat", raw);
            const auto lng = coordinate("lng", raw);
            if (lat && lng) {
                key.kind = OrderKey::Kind::number;
                key.cost = distance(*rule.geo, {*lat, *lng}) * (rule.ascending ? 1 : -1);
            }
        }
    }
}

bool DocumentReader::read_member(od::field& field, KeptMembers& kept, Hit& hit) {
    const auto name = raw_name(field.key());
    const char* key = name.data() - 1;
    if (name == meili::version_field) {
        kept.cut(key);
        hit.version = unquoted(raw_value(field.value()), scratch_);
        return true;
    }
    if (name == meili::expiry_field) {
        kept.cut(key);
        const auto& names = list_.query.fields;
        const bool shown = !names || selects(*names, name) == Selected::whole;
        if (const auto member = expiry_member(raw_value(field.value()), scratch_); shown && !member.empty()) {
            kept.add(member);
        }
        return true;
    }
    if (meili::is_reserved(name)) {
        kept.cut(key);
        return true;
    }
    const auto plain = unquoted({key, name.size() + 2}, scratch_);
    const bool narrow = list_.narrower_than_node && !(name == "_vectors" && list_.query.retrieve_vectors);
    const auto selected = narrow ? selects(*list_.query.fields, plain) : Selected::whole;
    std::string_view raw;
    if (selected == Selected::partly || sorts_by(plain)) {
        raw = raw_value(field.value());
        if (raw.empty()) {
            return false;
        }
        add_sort_values(plain, raw, hit.keys.begin);
    }
    selected == Selected::whole ? kept.keep(key) : kept.cut(key);
    if (selected == Selected::partly) {
        const auto part = select_within(*list_.query.fields, plain, raw);
        if (!part.empty()) {
            kept.add(scratch_.keep("\"" + std::string(name) + "\":" + part));
        }
    }
    return true;
}

bool DocumentReader::read(od::value value) {
    od::object object;
    if (value.get_object().get(object)) {
        return false;
    }
    Hit hit;
    hit.pieces.begin = static_cast<std::uint32_t>(out_.pieces.size());
    hit.keys.begin = static_cast<std::uint32_t>(out_.keys.size());
    for (const auto& rule : rules_) {
        auto& key = out_.keys.emplace_back();
        key.rule = rule.geo ? OrderKey::Rule::geo : OrderKey::Rule::sort;
        key.kind = OrderKey::Kind::missing;
        key.ascending = rule.ascending;
    }
    hit.keys.end = static_cast<std::uint32_t>(out_.keys.size());
    KeptMembers kept(out_.pieces);
    for (auto read : object) {
        od::field field;
        if (std::move(read).get(field) || !read_member(field, kept, hit)) {
            return false;
        }
    }
    const char* next = location(document_);
    if (!next) {
        return false;
    }
    kept.finish(end_before(next) - 1);
    hit.pieces.end = static_cast<std::uint32_t>(out_.pieces.size());
    out_.hits.push_back(hit);
    return true;
}

bool read_results(od::value& value, DocumentReader& reader) {
    od::array results;
    if (value.get_array().get(results)) {
        return false;
    }
    for (auto read : results) {
        od::value document;
        if (std::move(read).get(document) || !reader.read(document)) {
            return false;
        }
    }
    return true;
}

}  // namespace

std::string read_document_list(const NodeDocuments& list, const std::vector<SortRule>& rules,
                               std::string_view body, Scratch& scratch, NodeHits& out) {
    thread_local od::parser parser;
    od::document document;
    od::object root;
    const simdjson::padded_string_view padded(body.data(), body.size(), body.size() + body_padding);
    if (const auto error = parser.iterate(padded).get(document)) {
        return simdjson::error_message(error);
    }
    if (document.get_object().get(root)) {
        return "the answer is not an object";
    }
    DocumentReader reader(list, rules, document, scratch, out);
    bool seen_results = false;
    bool seen_total = false;
    for (auto read : root) {
        od::field field;
        if (const auto error = std::move(read).get(field)) {
            return simdjson::error_message(error);
        }
        const auto name = raw_name(field.key());
        if (name == "results") {
            seen_results = true;
            if (!read_results(field.value(), reader)) {
                return "malformed documents";
            }
        } else if (name == "total") {
            seen_total = !field.value().get_uint64().get(out.total);
        }
    }
    if (location(document) || !seen_results || !seen_total) {
        return "the answer is no list of documents";
    }
    return {};
}

}  // namespace miroir::scatter
