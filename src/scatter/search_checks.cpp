#include "search_checks.hpp"

#include <algorithm>
#include <array>

#include "miroir/meili/error.hpp"
#include "miroir/meili/json_text.hpp"
#include "sort_rule.hpp"

namespace miroir::scatter {
namespace {

std::string in_index(const LogicalIndexUid& index, const std::string& message) {
    return "Index `" + index.str() + "`: " + message;
}

std::string joined(const std::set<std::string>& names) {
    std::string out;
    for (const auto& name : names) {
        out += (out.empty() ? "" : ", ") + name;
    }
    return out;
}

// The names a client may see, with a note when some are hidden by displayedAttributes.
std::string visible_names(const std::set<std::string>& names, const ClientSettings& settings) {
    std::set<std::string> shown;
    for (const auto& name : names) {
        if (settings.displays(name)) {
            shown.insert(name);
        }
    }
    auto text = joined(shown);
    if (shown.size() < names.size()) {
        text += ", <..hidden-attributes>";
    }
    return text;
}

Result<void> check_distinct(const std::string& field, const LogicalIndexUid& index, const ClientSettings& settings) {
    if (settings.is_filterable(field)) {
        return ok();
    }
    std::string message = "Attribute `" + field + "` is not filterable and thus, cannot be used as distinct attribute. ";
    const auto patterns = settings.filterable_patterns();
    if (const auto rule = settings.rule_of(field)) {
        const auto number = std::to_string(*rule);
        message += "Note: this attribute matches rule #" + number +
                   " in filterableAttributes, but this rule does not enable filtering.\nHint: enable filtering in rule #" +
                   number + " by adding appropriate filter features.\nHint: prepend another rule matching " + field +
                   " with filter features before rule #" + number;
    } else if (patterns.empty()) {
        message += "This index does not have configured filterable attributes.";
    } else {
        message += "Available filterable attributes patterns are: `" + visible_names(patterns, settings) + "`.";
    }
    return meili::error("invalid_search_distinct", in_index(index, message));
}

ApiError not_sortable(const std::string& field, const LogicalIndexUid& index, const ClientSettings& settings) {
    std::string message = "Attribute `" + field + "` is not sortable. ";
    const std::set<std::string> names(settings.sortable.begin(), settings.sortable.end());
    const bool any_shown = std::any_of(names.begin(), names.end(), [&](auto& n) { return settings.displays(n); });
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
                            in_index(index, "You must specify where `sort` is listed in the rankingRules setting to "
                                            "use the sort parameter at search time."));
    }
    for (const auto& rule : rules) {
        const auto sortable = [&](const std::string& name) {
            return rule.geo ? name == "_geo" : is_nested_in(rule.field, name);
        };
        if (std::none_of(settings.sortable.begin(), settings.sortable.end(), sortable)) {
            return not_sortable(rule.geo ? "_geo" : rule.field, index, settings);
        }
    }
    return ok();
}

ApiError facet_refused(const std::string& pattern, std::optional<std::size_t> rule, const ClientSettings& settings) {
    std::string message = "Invalid facet distribution: ";
    const auto patterns = settings.filterable_patterns();
    if (rule) {
        const auto number = std::to_string(*rule);
        message += "Attribute `" + pattern + "` matched rule #" + number +
                   " in filterableAttributes, but this rule does not enable filtering.\nHint: enable filtering in rule #" +
                   number + " by modifying the features.filter object\nHint: prepend another rule matching `" + pattern +
                   "` with appropriate filter features before rule #" + number;
    } else if (patterns.empty()) {
        message += "Pattern `" + pattern + "` is not filterable. This index does not have configured filterable attributes.";
    } else {
        message += "Pattern `" + pattern + "` is not filterable. Available filterable attributes patterns are: `" +
                   joined(patterns) + "`.";
    }
    return meili::error("invalid_search_facets", message);
}

Result<void> check_facet(const std::string& pattern, const ClientSettings& settings) {
    for (std::size_t i = 0; i < settings.filterable.size(); ++i) {
        const auto& rule = settings.filterable[i];
        if (rule.filterable) {
            if (rule.meets(pattern)) {
                return ok();
            }
        } else if (rule.covers(pattern)) {
            return facet_refused(pattern, i, settings);
        }
    }
    return facet_refused(pattern, std::nullopt, settings);
}

// The first attribute, in order of appearance, that only miroir made filterable on the nodes.
const meili::FilterToken* only_nodes_filter_by(const meili::FilterNode& node, const ClientSettings& settings) {
    using Kind = meili::FilterNode::Kind;
    if (node.kind == Kind::comparison || node.kind == Kind::in) {
        const auto& name = node.attribute.text;
        const bool distinct = settings.distinct && is_nested_in(name, *settings.distinct);
        return (is_reserved(name) || distinct) && !settings.rule_of(name) ? &node.attribute : nullptr;
    }
    for (const auto& child : node.children) {
        if (const auto* found = only_nodes_filter_by(child, settings)) {
            return found;
        }
    }
    return nullptr;
}

bool may_name_hidden(const meili::FilterParameter& filter, const ClientSettings& settings) {
    const auto suspicious = [&](const std::string& text) {
        return text.find(reserved_prefix) != std::string::npos || text.find('\\') != std::string::npos ||
               (settings.distinct && text.find(*settings.distinct) != std::string::npos);
    };
    return std::any_of(filter.all_of.begin(), filter.all_of.end(), [&](const auto& any_of) {
        return std::any_of(any_of.begin(), any_of.end(), suspicious);
    });
}

}  // namespace

Result<void> check_filter(const meili::FilterParameter& filter, std::string_view code, const LogicalIndexUid& index,
                          const ClientSettings& settings) {
    if (!may_name_hidden(filter, settings)) {
        return ok();
    }
    const auto parsed = meili::parse_filter(filter, code);
    if (!parsed) {
        return parsed.error();
    }
    const auto rewritten = meili::parse_filter(meili::canonical(parsed.value()), code);
    if (!rewritten || !rewritten.value().root) {
        return ok();
    }
    const auto* attribute = only_nodes_filter_by(*rewritten.value().root, settings);
    if (!attribute) {
        return ok();
    }
    std::string message = "Attribute `" + attribute->text + "` is not filterable.";
    const auto patterns = settings.filterable_patterns();
    message += patterns.empty() ? " This index does not have configured filterable attributes."
                                : " Available filterable attribute patterns are: " + meili::quoted_list(patterns) + ".";
    return meili::error(code, in_index(index, attribute->span.locate(message)));
}

Result<void> check_against_settings(const meili::SearchQuery& query, const meili::FilterParameter& filter,
                                    const LogicalIndexUid& index, const ClientSettings& settings) {
    if (query.use_network) {
        return meili::error("feature_not_enabled",
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
        return meili::error("feature_not_enabled",
                            "reranking search results requires enabling the `personalization` experimental feature. "
                            "See https://github.com/orgs/meilisearch/discussions/866");
    }
    return ok();
}

}  // namespace miroir::scatter
