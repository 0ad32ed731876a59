#include "search_checks.hpp"

#include <algorithm>

#include "miroir/meili/error.hpp"
#include "miroir/meili/markers.hpp"
#include "sort_rule.hpp"

namespace miroir::scatter {
namespace {

std::string in_index(const LogicalIndexUid& index, const std::string& message) {
    return "Index `" + index.str() + "`: " + message;
}

std::string joined(const std::vector<std::string>& names) {
    std::string out;
    for (const auto& name : names) {
        out += (out.empty() ? "" : ", ") + name;
    }
    return out;
}

// The names a client may see, with a note when some are hidden by displayedAttributes.
std::string visible_names(const std::vector<std::string>& names, const ClientSettings& settings) {
    std::vector<std::string> shown;
    for (const auto& name : names) {
        if (settings.displays(name)) {
            shown.push_back(name);
        }
    }
    auto text = joined(shown);
    if (shown.size() < names.size()) {
        text += ", <..hidden-attributes>";
    }
    return text;
}

Result<void> check_distinct(const std::string& field, const LogicalIndexUid& index,
                            const ClientSettings& settings) {
    if (settings.filterable.is_filterable(field)) {
        return ok();
    }
    std::string message =
        "Attribute `" + field + "` is not filterable and thus, cannot be used as distinct attribute. ";
    const auto patterns = settings.filterable.filterable_patterns();
    if (const auto rule = settings.filterable.find(field)) {
        const auto number = std::to_string(rule->index);
        message += "Note: this attribute matches rule #" + number +
                   " in filterableAttributes, but this rule does not enable filtering.\nHint: enable "
                   "filtering in rule #" +
                   number + " by adding appropriate filter features.\nHint: prepend another rule matching " +
                   field + " with filter features before rule #" + number;
    } else if (patterns.empty()) {
        message += "This index does not have configured filterable attributes.";
    } else {
        message +=
            "Available filterable attributes patterns are: `" + visible_names(patterns, settings) + "`.";
    }
    return meili::error("invalid_search_distinct", in_index(index, message));
}

ApiError not_sortable(const std::string& field, const LogicalIndexUid& index,
                      const ClientSettings& settings) {
    std::string message = "Attribute `" + field + "` is not sortable. ";
    const std::vector<std::string> names(settings.sortable.begin(), settings.sortable.end());
    const bool any_shown =
        std::any_of(names.begin(), names.end(), [&](auto& n) { return settings.displays(n); });
    message += any_shown ? "Available sortable attributes are: `" + visible_names(names, settings) + "`."
                         : "This index does not have configured sortable attributes.";
    return meili::error("invalid_search_sort", in_index(index, message));
}

Result<void> check_sort(const std::vector<std::string>& sort, const LogicalIndexUid& index,
                        const ClientSettings& settings) {
    std::vector<SortRule> rules;
    for (const auto& text : sort) {
        auto rule = parse_sort_rule(text);
        if (!rule) {
            return ok();  // a syntax error: the node's words about it are right
        }
        rules.push_back(std::move(*rule));
    }
    const auto& order = settings.ranking_rules;
    if (!rules.empty() && std::find(order.begin(), order.end(), "sort") == order.end()) {
        return meili::error("invalid_search_sort",
                            in_index(index,
                                     "You must specify where `sort` is listed in the rankingRules setting to "
                                     "use the sort parameter at search time."));
    }
    for (const auto& rule : rules) {
        const auto sortable = [&](const std::string& name) {
            return rule.geo ? name == "_geo" : meili::is_inside(rule.field, name);
        };
        if (std::none_of(settings.sortable.begin(), settings.sortable.end(), sortable)) {
            return not_sortable(rule.geo ? "_geo" : rule.field, index, settings);
        }
    }
    return ok();
}

ApiError facet_refused(const std::string& pattern, std::optional<std::size_t> rule,
                       const ClientSettings& settings) {
    std::string message = "Invalid facet distribution: ";
    const auto patterns = settings.filterable.filterable_patterns();
    if (rule) {
        const auto number = std::to_string(*rule);
        message += "Attribute `" + pattern + "` matched rule #" + number +
                   " in filterableAttributes, but this rule does not enable filtering.\nHint: enable "
                   "filtering in rule #" +
                   number +
                   " by modifying the features.filter object\nHint: prepend another rule matching `" +
                   pattern + "` with appropriate filter features before rule #" + number;
    } else if (patterns.empty()) {
        message += "Pattern `" + pattern +
                   "` is not filterable. This index does not have configured filterable attributes.";
    } else {
        message += "Pattern `" + pattern +
                   "` is not filterable. Available filterable attributes patterns are: `" + joined(patterns) +
                   "`.";
    }
    return meili::error("invalid_search_facets", message);
}

bool meet(std::string_view a, std::string_view b) {
    return meili::match_pattern(a, b) != meili::PatternMatch::no_match ||
           meili::match_pattern(b, a) != meili::PatternMatch::no_match;
}

// Either of rule and facet pattern covers the other, in whole or in part.
bool meets(const meili::FilterableRule& rule, std::string_view facet) {
    return std::any_of(rule.patterns.begin(), rule.patterns.end(), [&](const std::string& pattern) {
        if (rule.is_object) {
            return meet(pattern, facet);
        }
        return meili::is_inside(pattern, facet) || meili::is_inside(facet, pattern) ||
               meili::match_pattern(facet, pattern) != meili::PatternMatch::no_match;
    });
}

Result<void> check_facet(const std::string& pattern, const ClientSettings& settings) {
    const auto& rules = settings.filterable.rules;
    for (std::size_t i = 0; i < rules.size(); ++i) {
        if (rules[i].filterable()) {
            if (meets(rules[i], pattern)) {
                return ok();
            }
        } else if (rules[i].match(pattern) == meili::PatternMatch::match) {
            return facet_refused(pattern, i, settings);
        }
    }
    return facet_refused(pattern, std::nullopt, settings);
}

bool may_name_hidden(const meili::FilterParameter& filter, const ClientSettings& settings) {
    const auto suspicious = [&](const std::string& text) {
        return text.find(meili::reserved_prefix) != std::string::npos ||
               text.find('\\') != std::string::npos ||
               (settings.distinct && text.find(*settings.distinct) != std::string::npos);
    };
    return std::any_of(filter.all_of.begin(), filter.all_of.end(), [&](const auto& any_of) {
        return std::any_of(any_of.begin(), any_of.end(), suspicious);
    });
}

}  // namespace

Result<void> check_filter(const meili::FilterParameter& filter, std::string_view code,
                          const LogicalIndexUid& index, const ClientSettings& settings) {
    return may_name_hidden(filter, settings) ? evaluate_filter(filter, code, index, settings, false) : ok();
}

Result<void> evaluate_filter(const meili::FilterParameter& filter, std::string_view code,
                             const LogicalIndexUid& index, const ClientSettings& settings,
                             bool judge_operators) {
    const auto parsed = meili::parse_filter(filter, code);
    if (!parsed) {
        return parsed.error();
    }
    // Search routes evaluate a rewritten text; the routes of documents the client's own.
    const bool search = code == "invalid_search_filter";
    const auto rewritten = search ? meili::parse_filter(meili::canonical(parsed.value()), code) : parsed;
    if (!rewritten) {
        return ok();
    }
    const auto known = [&](std::string_view) { return judge_operators; };
    const auto checked = meili::check_filterable(rewritten.value(), settings.filterable, code, known);
    if (checked) {
        return ok();
    }
    const auto& message = checked.error().message;
    return meili::error(code, search ? in_index(index, message) : message);
}

Result<void> check_against_settings(const meili::SearchQuery& query, const meili::FilterParameter& filter,
                                    const LogicalIndexUid& index, const ClientSettings& settings) {
    if (query.use_network) {
        return meili::error(
            "feature_not_enabled",
            "passing `useNetwork` in a search query requires enabling the `network` experimental "
            "feature. See https://github.com/orgs/meilisearch/discussions/805");
    }
    if (query.distinct) {
        if (auto checked = check_distinct(*query.distinct, index, settings); !checked) {
            return checked;
        }
    }
    if (auto checked = check_filter(filter, "invalid_search_filter", index, settings); !checked) {
        return checked;
    }
    if (query.sort) {
        if (auto checked = check_sort(*query.sort, index, settings); !checked) {
            return checked;
        }
    }
    for (const auto& pattern : query.facets.value_or(std::vector<std::string>{})) {
        if (auto checked = check_facet(pattern, settings); !checked) {
            return checked;
        }
    }
    if (query.personalize_json) {
        return meili::error(
            "feature_not_enabled",
            "reranking search results requires enabling the `personalization` experimental feature. "
            "See https://github.com/orgs/meilisearch/discussions/866");
    }
    return ok();
}

}  // namespace miroir::scatter
