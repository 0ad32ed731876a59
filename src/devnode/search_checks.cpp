#include "devnode/search_checks.hpp"

#include <algorithm>

#include "devnode/formatting.hpp"
#include "miroir/meili/attribute_pattern.hpp"
#include "miroir/meili/error.hpp"
#include "miroir/meili/filterable_rules.hpp"
#include "miroir/meili/query_reader.hpp"
#include "miroir/meili/sort.hpp"

namespace miroir::devnode {

namespace {

constexpr std::string_view filter_code = "invalid_search_filter";

std::string listed(std::vector<std::string> names) {
    std::sort(names.begin(), names.end());
    std::string out;
    for (const auto& name : names) {
        out += (out.empty() ? "" : ", ") + name;
    }
    return out;
}

// "Available <what> are: `a, b`." or that there are none.
std::string available(std::string_view what, std::string_view none, const std::vector<std::string>& names) {
    if (names.empty()) {
        return "This index does not have configured " + std::string(none) + ".";
    }
    return "Available " + std::string(what) + " are: `" + listed(names) + "`.";
}

ApiError of_index(const Index& index, const ApiError& error) {
    return meili::error(error.code, "Index `" + index.uid + "`: " + error.message);
}

class Checker {
public:
    Checker(const Index& index, const meili::SearchQuery& query, const meili::FilterFeatures& features)
        : index_(index), query_(query), features_(features) {}

    Result<CheckedSearch> run() {
        for (const auto check :
             {&Checker::vectors, &Checker::filter_syntax, &Checker::sort, &Checker::attributes,
              &Checker::filter_attributes, &Checker::distinct, &Checker::facets}) {
            if (auto checked = (this->*check)(); !checked) {
                return checked.error();
            }
        }
        if (query_.ranking_score_threshold_json) {
            out_.score_min = meili::to_double(*query_.ranking_score_threshold_json);
        }
        return std::move(out_);
    }

private:
    Result<void> vectors() {
        if (query_.hybrid_json) {
            const auto hybrid = meili::parse_json(*query_.hybrid_json);
            const auto* embedder = hybrid ? hybrid.value().find("embedder") : nullptr;
            return meili::error("invalid_search_embedder", "Cannot find embedder with name `" +
                                                               (embedder ? embedder->string : "") + "`.");
        }
        if (query_.vector_json || query_.media_json) {
            return meili::error(
                "missing_search_hybrid",
                "Invalid request: missing `hybrid` parameter when `vector` or `media` are present.");
        }
        if (query_.use_network) {
            return meili::error(
                "feature_not_enabled",
                "passing `useNetwork` in a search query requires enabling the `network` experimental "
                "feature. See https://github.com/orgs/meilisearch/discussions/805");
        }
        return ok();
    }

    Result<void> filter_syntax() {
        if (!query_.filter_json) {
            return ok();
        }
        auto parameter = meili::parse_filter_parameter(*query_.filter_json, filter_code);
        auto parsed = parameter ? meili::parse_filter(parameter.value(), filter_code) : parameter.error();
        if (!parsed) {
            return parsed.error();
        }
        if (auto allowed = meili::check_features(parsed.value(), features_); !allowed) {
            return allowed;
        }
        parsed = meili::parse_filter(std::string_view(meili::canonical(parsed.value())), filter_code);
        if (!parsed) {
            return of_index(index_, parsed.error());
        }
        out_.filter = std::move(parsed.value());
        return ok();
    }

    Result<void> filter_attributes() {
        const auto known = [&](std::string_view name) { return index_.knows_field(std::string(name)); };
        auto checked = meili::check_filterable(out_.filter, index_.rules().filterable, filter_code, known);
        return checked ? checked : of_index(index_, checked.error());
    }

    Result<void> sort() {
        if (!query_.sort) {
            return ok();
        }
        auto criteria = check_sort(index_, *query_.sort, "invalid_search_sort");
        if (!criteria) {
            return criteria.error();
        }
        const auto& rules = index_.rules().ranking_rules;
        if (!criteria.value().empty() && std::find(rules.begin(), rules.end(), "sort") == rules.end()) {
            return of_index(index_,
                            meili::error("invalid_search_sort",
                                         "You must specify where `sort` is listed in the rankingRules "
                                         "setting to use the sort parameter at search time."));
        }
        out_.sort = std::move(criteria.value());
        return ok();
    }

    Result<void> attributes() {
        if (!query_.attributes_to_search_on || selects_all(*query_.attributes_to_search_on)) {
            return ok();
        }
        out_.fields.emplace();
        for (const auto& name : *query_.attributes_to_search_on) {
            if (!add_searched(name)) {
                return of_index(index_, not_searchable(name));
            }
        }
        return ok();
    }

    // A name stands for that one field, a pattern for the fields it matches; false when it may not be
    // searched.
    bool add_searched(const std::string& name) {
        const auto& rules = index_.rules();
        bool found = false;
        for (const auto& [field, number] : index_.known_fields()) {
            const bool meant =
                field == name || (name.find('*') != std::string::npos &&
                                  meili::match_pattern(name, field) == meili::PatternMatch::match);
            if (meant && rules.attribute_rank(field)) {
                out_.fields->insert(number);
                found = true;
            }
        }
        return found || !rules.searchable ||
               std::find(rules.searchable->begin(), rules.searchable->end(), name) != rules.searchable->end();
    }

    ApiError not_searchable(const std::string& name) const {
        std::vector<std::string> names;
        for (const auto& [field, number] : index_.known_fields()) {
            if (index_.rules().attribute_rank(field)) {
                names.push_back(field);
            }
        }
        return meili::error("invalid_search_attributes_to_search_on",
                            "Attribute `" + name + "` is not searchable. " +
                                available("searchable attributes", "searchable attributes", names));
    }

    Result<void> distinct() {
        out_.distinct = index_.rules().distinct;
        if (!query_.distinct) {
            return ok();
        }
        out_.distinct = query_.distinct;
        if (index_.rules().filterable.is_filterable(*query_.distinct)) {
            return ok();
        }
        return of_index(
            index_, meili::error("invalid_search_distinct",
                                 "Attribute `" + *query_.distinct +
                                     "` is not filterable and thus, cannot be used as distinct attribute. " +
                                     available("filterable attributes patterns", "filterable attributes",
                                               index_.rules().filterable.filterable_patterns())));
    }

    Result<void> facets() {
        const auto& rules = index_.rules().filterable;
        for (const auto& facet : query_.facets.value_or(std::vector<std::string>{})) {
            if (facet != "*" && !rules.is_filterable(facet)) {
                return meili::error("invalid_search_facets",
                                    "Invalid facet distribution: Pattern `" + facet +
                                        "` is not filterable. " +
                                        available("filterable attributes patterns", "filterable attributes",
                                                  rules.filterable_patterns()));
            }
            for (const auto& [field, number] : index_.known_fields()) {
                if (rules.is_filterable(field) && (facet == "*" || meili::is_inside(field, facet))) {
                    out_.facets.push_back(field);
                }
            }
        }
        return ok();
    }

    const Index& index_;
    const meili::SearchQuery& query_;
    const meili::FilterFeatures& features_;
    CheckedSearch out_;
};

}  // namespace

Result<CheckedSearch> check_search(const Index& index, const meili::SearchQuery& query,
                                   const meili::FilterFeatures& features) {
    return Checker(index, query, features).run();
}

Result<std::vector<SortCriterion>> check_sort(const Index& index, const std::vector<std::string>& sort,
                                              std::string_view code) {
    const auto parsed = meili::parse_sort(std::span<const std::string>(sort), code);
    if (!parsed) {
        return parsed.error();
    }
    // The routes of documents do not hide fields.
    const bool search = code == "invalid_search_sort";
    auto sortable = index.rules().sortable;
    if (!search) {
        sortable.displayed.reset();
    }
    if (auto allowed = meili::check_sortable(parsed.value(), sortable, code); !allowed) {
        return search ? of_index(index, allowed.error()) : allowed.error();
    }
    std::vector<SortCriterion> out;
    for (const auto& expression : parsed.value()) {
        SortCriterion& criterion = out.emplace_back();
        criterion.field = expression.point ? "_geo" : expression.attribute;
        criterion.ascending = expression.ascending;
        criterion.geo = expression.point.has_value();
        criterion.latitude = expression.point ? expression.point->latitude : 0;
        criterion.longitude = expression.point ? expression.point->longitude : 0;
    }
    return out;
}

}  // namespace miroir::devnode
