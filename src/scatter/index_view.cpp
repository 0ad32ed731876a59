#include "miroir/scatter/index_view.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace miroir::scatter {
namespace {

using Json = nlohmann::json;

std::vector<std::string> texts(const Json& list) {
    std::vector<std::string> out;
    if (list.is_array()) {
        for (const auto& item : list) {
            if (item.is_string()) {
                out.push_back(item.get<std::string>());
            }
        }
    }
    return out;
}

FacetOrder facet_order(const Json& value) {
    return value == "count" ? FacetOrder::count : FacetOrder::alpha;
}

void read_faceting(const Json& faceting, ClientSettings& out) {
    out.max_values_per_facet = faceting.value("maxValuesPerFacet", std::uint64_t{100});
    const auto orders = faceting.value("sortFacetValuesBy", Json::object());
    for (const auto& [name, order] : orders.items()) {
        if (name == "*") {
            out.default_facet_order = facet_order(order);
        } else {
            out.facet_order.emplace(name, facet_order(order));
        }
    }
}

void read_displayed(const Json& list, ClientSettings& out) {
    auto names = texts(list);
    if (std::find(names.begin(), names.end(), "*") == names.end()) {
        out.displayed = std::move(names);
    }
}

}  // namespace

bool ClientSettings::displays(std::string_view name) const {
    return !displayed || std::find(displayed->begin(), displayed->end(), name) != displayed->end();
}

bool ClientSettings::displays_leaf(std::string_view leaf) const {
    return !displayed || std::any_of(displayed->begin(), displayed->end(),
                                     [&](const std::string& name) { return meili::is_inside(leaf, name); });
}

FacetOrder ClientSettings::order_of(std::string_view facet) const {
    const auto found = facet_order.find(facet);
    return found == facet_order.end() ? default_facet_order : found->second;
}

ClientSettings client_settings(std::string_view settings_json) {
    ClientSettings out;
    const auto json = Json::parse(settings_json, nullptr, false);
    if (!json.is_object()) {
        return out;
    }
    if (json.contains("displayedAttributes") && json["displayedAttributes"].is_array()) {
        read_displayed(json["displayedAttributes"], out);
    }
    out.filterable = meili::parse_filterable_rules(json.value("filterableAttributes", Json::array()).dump());
    for (auto& name : texts(json.value("sortableAttributes", Json::array()))) {
        out.sortable.insert(std::move(name));
    }
    out.ranking_rules = {"words", "typo", "proximity", "attributeRank", "sort", "wordPosition", "exactness"};
    if (json.contains("rankingRules")) {
        out.ranking_rules = texts(json["rankingRules"]);
    }
    if (json.contains("distinctAttribute") && json["distinctAttribute"].is_string()) {
        out.distinct = json["distinctAttribute"].get<std::string>();
    }
    if (json.contains("faceting") && json["faceting"].is_object()) {
        read_faceting(json["faceting"], out);
    }
    if (json.contains("pagination") && json["pagination"].is_object()) {
        out.max_total_hits = json["pagination"].value("maxTotalHits", std::uint64_t{1000});
    }
    return out;
}

}  // namespace miroir::scatter
