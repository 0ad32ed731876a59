#include "merge_facets.hpp"

#include <algorithm>

#include "field_paths.hpp"
#include "miroir/meili/facet_value.hpp"
#include "miroir/meili/json_text.hpp"
#include "miroir/meili/markers.hpp"

namespace miroir::scatter {
namespace {

// Above this many candidates the engine orders a facet's numbers as numbers, below as texts.
constexpr std::uint64_t candidates_as_text_max = 3000;

od::parser& facet_parser() {
    thread_local od::parser parser;
    return parser;
}

simdjson::padded_string_view padded(std::string_view json) {
    return simdjson::padded_string_view(json.data(), json.size(), json.size() + body_padding);
}

std::string key_of(od::field& field) {
    Scratch scratch;
    const auto name = raw_name(field.key());
    return std::string(unquoted({name.data() - 1, name.size() + 2}, scratch));
}

bool prints_as(double number, std::string_view text) {
    return meili::print_number(number) == text;
}

// Quotes and backslashes are left to the engine's own rules of escaping.
bool is_spelt_in_filters(std::string_view value) {
    return value.find_first_of("\"\\") == std::string_view::npos;
}

}  // namespace

bool MergedFacets::asks_for(std::string_view facet) const {
    const auto& patterns = *search_.query.facets;
    return std::any_of(patterns.begin(), patterns.end(),
                       [facet](const std::string& pattern) { return selects_facet(pattern, facet); });
}

// A selected attribute brings along everything that is nested in it.
bool MergedFacets::shows(std::string_view facet) const {
    const auto& rules = search_.settings->filterable;
    if (!asks_facets(search_) || meili::is_reserved(facet) || !rules.is_filterable(facet)) {
        return false;
    }
    for (auto end = facet.size(); end != std::string_view::npos; end = facet.rfind('.', end - 1)) {
        const auto ancestor = facet.substr(0, end);
        if (asks_for(ancestor) && rules.is_filterable(ancestor)) {
            return true;
        }
        if (end == 0) {
            break;
        }
    }
    return false;
}

FacetOrder MergedFacets::order_of(std::string_view facet) const {
    const auto& settings = *search_.settings;
    return asks_for(facet) ? settings.order_of(facet) : settings.default_facet_order;
}

bool MergedFacets::add_distribution(std::size_t node, std::string_view json) {
    od::document document;
    od::object root;
    if (facet_parser().iterate(padded(json)).get(document) || document.get_object().get(root)) {
        return false;
    }
    std::vector<std::pair<std::string, std::string_view>> found;
    for (auto read : root) {
        od::field field;
        if (std::move(read).get(field)) {
            return false;
        }
        auto name = key_of(field);
        const bool shown = shows(name);
        if (!shown && search_.distinct != name) {
            continue;
        }
        const auto values = raw_value(field.value());
        if (values.empty()) {
            return false;
        }
        found.emplace_back(std::move(name), values);
    }
    for (const auto& [name, values] : found) {
        auto& facet = facets_[name];
        facet.shown = shows(name);
        if (!add_values(node, facet, values)) {
            return false;
        }
    }
    return true;
}

bool MergedFacets::add_values(std::size_t node, Facet& facet, std::string_view json) {
    od::document document;
    od::object root;
    if (facet_parser().iterate(padded(json)).get(document) || document.get_object().get(root)) {
        return false;
    }
    bool texts_began = false;
    std::size_t given = 0;
    std::uint64_t smallest = 0;
    for (auto read : root) {
        od::field field;
        std::uint64_t count = 0;
        if (std::move(read).get(field)) {
            return false;
        }
        auto key = key_of(field);
        if (field.value().get_uint64().get(count)) {
            return false;
        }
        smallest = given == 0 ? count : std::min(smallest, count);
        ++given;
        add_value(node, facet, std::move(key), count, texts_began);
    }
    facet.given[node] = {given, smallest};
    return true;
}

void MergedFacets::add_value(std::size_t node, Facet& facet, std::string key, std::uint64_t count,
                             bool& texts_began) {
    auto normal = meili::normalize_facet(key);
    const auto number = meili::parse_finite_number(key);
    // A node lists numbers before texts, so what follows a text is one, whatever it looks like.
    const bool numeric = !texts_began && number && prints_as(*number, key);
    texts_began = !numeric;
    const auto [place, fresh] = facet.by_normal.try_emplace(normal, facet.values.size());
    if (fresh) {
        facet.values.push_back({std::move(key), std::move(normal), number.value_or(0), numeric, 0, 0});
    }
    auto& value = facet.values[place->second];
    value.numeric = value.numeric && numeric;
    value.count += count;
    value.know_of(node);
}

bool MergedFacets::recount(std::size_t node, const UncertainFacet& asked, std::string_view json) {
    MergedFacets counts(search_);
    const auto known = facets_.find(asked.facet);
    if (!counts.add_distribution(node, json) || known == facets_.end()) {
        return false;
    }
    const auto given = counts.facets_.find(asked.facet);
    const Facet none;
    const Facet& found = given == counts.facets_.end() ? none : given->second;
    const bool is_whole = !is_cut(found.values.size());
    for (const auto& spelling : asked.values) {
        const auto place = known->second.by_normal.find(meili::normalize_facet(spelling));
        if (place == known->second.by_normal.end() || known->second.values[place->second].is_known_of(node)) {
            continue;
        }
        auto& value = known->second.values[place->second];
        const auto counted = found.by_normal.find(value.normal);
        if (counted != found.by_normal.end()) {
            value.count += found.values[counted->second].count;
            value.know_of(node);
        } else if (is_whole) {
            value.know_of(node);
        }
    }
    return true;
}

bool MergedFacets::add_stats(std::string_view json) {
    od::document document;
    od::object root;
    if (facet_parser().iterate(padded(json)).get(document) || document.get_object().get(root)) {
        return false;
    }
    for (auto read : root) {
        od::field field;
        od::object range;
        if (std::move(read).get(field)) {
            return false;
        }
        const auto name = key_of(field);
        if (field.value().get_object().get(range)) {
            return false;
        }
        std::string min_text;
        std::string max_text;
        for (auto read_bound : range) {
            od::field bound;
            if (std::move(read_bound).get(bound)) {
                return false;
            }
            const auto which = raw_name(bound.key());
            (which == "min" ? min_text : max_text) = raw_value(bound.value());
        }
        const auto min = meili::parse_finite_number(min_text);
        const auto max = meili::parse_finite_number(max_text);
        if (!min || !max) {
            return false;
        }
        const auto [place, fresh] = stats_.try_emplace(name, Stats{*min, *max, min_text, max_text});
        auto& known = place->second;
        if (!fresh && *min < known.min) {
            known.min = *min;
            known.min_text = min_text;
        }
        if (!fresh && *max > known.max) {
            known.max = *max;
            known.max_text = max_text;
        }
    }
    return true;
}

void MergedFacets::forget(std::string_view hit) {
    for (auto& [name, facet] : facets_) {
        if (facet.shown) {
            visit_scalars(name, hit,
                          [&facet = facet](std::string_view scalar) { forget_value(facet, scalar); });
        }
    }
}

void MergedFacets::forget_value(Facet& facet, std::string_view scalar) {
    Scratch scratch;
    std::string key(scalar);
    if (scalar.starts_with('"')) {
        key = meili::normalize_facet(unquoted(scalar, scratch));
    } else if (const auto number = meili::parse_finite_number(scalar)) {
        key = meili::print_number(*number);
    }
    const auto found = facet.by_normal.find(key);
    if (found != facet.by_normal.end() && facet.values[found->second].count > 0) {
        --facet.values[found->second].count;
    }
}

bool MergedFacets::count_groups(std::size_t& groups, std::size_t& counted) const {
    groups = counted = 0;
    const auto found = search_.distinct ? facets_.find(*search_.distinct) : facets_.end();
    if (found == facets_.end()) {
        return true;
    }
    groups = found->second.values.size();
    for (const auto& [node, given] : found->second.given) {
        if (is_cut(given.first)) {
            return false;
        }
        counted += given.first;
    }
    return true;
}

std::vector<const MergedFacets::Value*> MergedFacets::ordered(const std::string& name, const Facet& facet,
                                                              bool numbers_as_text) const {
    const bool has_numbers = stats_.contains(name);
    const bool by_count = order_of(name) == FacetOrder::count;
    std::vector<const Value*> out;
    for (const auto& value : facet.values) {
        if (value.count > 0) {
            out.push_back(&value);
        }
    }
    std::sort(out.begin(), out.end(), [&](const Value* a, const Value* b) {
        const bool a_number = has_numbers && a->numeric;
        const bool b_number = has_numbers && b->numeric;
        if (a_number != b_number) {
            return a_number;
        }
        if (by_count && a->count != b->count) {
            return a->count > b->count;
        }
        if (a_number && (by_count || !numbers_as_text)) {
            return by_count ? a->number > b->number : a->number < b->number;
        }
        return by_count ? a->normal > b->normal : a->normal < b->normal;
    });
    return out;
}

void MergedFacets::write_facet(std::string& out, const std::string& name, const Facet& facet,
                               bool numbers_as_text) const {
    meili::append_json_string(out, name);
    out += ":{";
    const auto values = ordered(name, facet, numbers_as_text);
    const auto shown = std::min<std::size_t>(values.size(), search_.settings->max_values_per_facet);
    for (std::size_t i = 0; i < shown; ++i) {
        out += i == 0 ? "" : ",";
        meili::append_json_string(out, values[i]->spelling);
        out += ':';
        out += std::to_string(values[i]->count);
    }
    out += '}';
}

void MergedFacets::write(std::string& out, std::uint64_t candidates) const {
    out += "\"facetDistribution\":{";
    for (const auto& [name, facet] : facets_) {
        if (facet.shown) {
            out += out.back() == '{' ? "" : ",";
            write_facet(out, name, facet, candidates <= candidates_as_text_max);
        }
    }
    out += "},\"facetStats\":{";
    for (const auto& [name, stats] : stats_) {
        if (shows(name)) {
            out += out.back() == '{' ? "" : ",";
            meili::append_json_string(out, name);
            out.append(":{\"min\":")
                .append(stats.min_text)
                .append(",\"max\":")
                .append(stats.max_text)
                .append("}");
        }
    }
    out += '}';
}

std::vector<UncertainFacet> MergedFacets::uncertain() const {
    std::vector<UncertainFacet> out;
    for (const auto& [name, facet] : facets_) {
        if (!facet.shown || order_of(name) != FacetOrder::count) {
            continue;
        }
        std::vector<std::pair<std::size_t, std::uint64_t>> cuts;
        for (const auto& [node, given] : facet.given) {
            if (is_cut(given.first)) {
                cuts.emplace_back(node, given.second);
            }
        }
        if (cuts.empty()) {
            continue;
        }
        const auto values = ordered(name, facet, true);
        const auto shown = search_.settings->max_values_per_facet;
        const std::uint64_t least = values.size() < shown || shown == 0 ? 0 : values[shown - 1]->count;
        std::vector<std::pair<std::uint64_t, const Value*>> by_bound;
        for (const auto* value : values) {
            std::uint64_t missing = 0;
            for (const auto& [node, smallest] : cuts) {
                missing += value->is_known_of(node) ? 0 : smallest;
            }
            if (missing > 0 && value->count + missing >= least && is_spelt_in_filters(value->spelling)) {
                by_bound.emplace_back(value->count + missing, value);
            }
        }
        std::stable_sort(by_bound.begin(), by_bound.end(),
                         [](auto& a, auto& b) { return a.first > b.first; });
        UncertainFacet uncertain{name, {}};
        for (const auto& [bound, value] : by_bound) {
            uncertain.values.push_back(value->spelling);
        }
        if (!uncertain.values.empty()) {
            out.push_back(std::move(uncertain));
        }
    }
    return out;
}

}  // namespace miroir::scatter
