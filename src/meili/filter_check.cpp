#include <algorithm>
#include <cmath>
#include <utility>

#include "filter_geo_range.hpp"
#include "miroir/meili/error.hpp"
#include "miroir/meili/facet_value.hpp"
#include "miroir/meili/filterable_rules.hpp"
#include "miroir/meili/json_text.hpp"

namespace miroir::meili {
namespace {

using Node = FilterNode;

class FilterCheck {
public:
    FilterCheck(const FilterableRules& rules, std::string_view code, const IsKnownAttribute& is_known)
        : rules_(rules), code_(code), is_known_(is_known) {}

    // The last operand is looked at first, as the engine does.
    const FilterToken* find_not_filterable(const Node& node) const {
        const bool named = node.kind == Node::Kind::comparison || node.kind == Node::Kind::in;
        const auto& name = node.attribute.text;
        if (named && name != "_shard" && !rules_.is_filterable(name)) return &node.attribute;
        for (auto child = node.children.rbegin(); child != node.children.rend(); ++child) {
            if (const auto* found = find_not_filterable(*child)) return found;
        }
        return nullptr;
    }

    ApiError not_filterable(std::string_view attribute, const FilterSpan& where) const {
        const auto patterns = rules_.filterable_patterns();
        auto message = "Attribute `" + std::string(attribute) + "` is not filterable.";
        message += patterns.empty()
                       ? " This index does not have configured filterable attributes."
                       : " Available filterable attribute patterns are: " + quoted_list(patterns) + ".";
        return error(code_, where.locate(message));
    }

    Result<void> check(const Node& node) const {
        switch (node.kind) {
            case Node::Kind::comparison:
                return check_operator(node, node.op);
            case Node::Kind::in:
                return node.values.empty() ? ok() : check_operator(node, FilterOperator::equal);
            case Node::Kind::geo_radius:
                return check_radius(node);
            case Node::Kind::geo_bounding_box:
                return check_bounding_box(node);
            case Node::Kind::geo_polygon:
                return check_polygon(node);
            default:
                break;
        }
        for (const auto& child : node.children) {
            auto checked = check(child);
            if (!checked) return checked;
        }
        return ok();
    }

private:
    bool has_plain_rule(std::string_view name) const {
        for (const auto& rule : rules_.rules) {
            if (!rule.is_object && rule.patterns.front() == name) return true;
        }
        return false;
    }

    static bool allows(const FilterableRule& rule, FilterOperator op) {
        switch (op) {
            case FilterOperator::equal:
            case FilterOperator::not_equal:
                return rule.equality;
            case FilterOperator::less:
            case FilterOperator::less_or_equal:
            case FilterOperator::greater:
            case FilterOperator::greater_or_equal:
            case FilterOperator::between:
                return rule.comparison;
            case FilterOperator::exists:
            case FilterOperator::is_null:
            case FilterOperator::is_empty:
                return rule.filterable();
            default:
                return true;
        }
    }

    static std::string_view feature_of(FilterOperator op) {
        switch (op) {
            case FilterOperator::equal:
            case FilterOperator::not_equal:
                return "equality";
            case FilterOperator::exists:
            case FilterOperator::is_null:
            case FilterOperator::is_empty:
                return "the appropriate filter operators";
            default:
                return "comparison";
        }
    }

    static std::string allowed_operators(const FilterableRule& rule) {
        std::string text = "OR, AND, NOT";
        if (rule.equality) text += ", =, !=, IN";
        if (rule.comparison) text += ", <, >, <=, >=, TO";
        return text + ", IS EMPTY, IS NULL, EXISTS";
    }

    Result<void> check_operator(const Node& node, FilterOperator op) const {
        const auto& name = node.attribute.text;
        const auto found = rules_.find(name);
        const bool judged = found && (!is_known_ || is_known_(name));
        if (!judged || allows(*found->rule, op)) return ok();
        const auto rule = "rule #" + std::to_string(found->index);
        return error(code_, "Filter operator `" + std::string(operator_text(op)) +
                                "` is not allowed for the attribute `" + name +
                                "`.\n  - Note: allowed operators: " + allowed_operators(*found->rule) +
                                ".\n  - Note: field `" + name + "` matched " + rule +
                                " in `filterableAttributes`\n  - Hint: enable " +
                                std::string(feature_of(op)) + " in " + rule +
                                " by modifying the features.filter object\n  - Hint: prepend another rule "
                                "matching `" +
                                name + "` with appropriate filter features before " + rule);
    }

    // The number, or the error that it has none or is out of [-limit, limit].
    Result<double> coordinate(const FilterToken& token, double limit) const {
        const auto number = parse_finite_number(token.text);
        if (!number) return error(code_, token.span.locate("Non finite floats are not supported"));
        if (std::fabs(*number) <= limit) return *number;
        return error(code_, token.span.locate(coordinate_out_of_range(*number, limit == 90)));
    }

    Result<void> check_pairs(const Node& node, std::size_t count) const {
        for (std::size_t i = 0; i < count; ++i) {
            auto number = coordinate(node.values[i], i % 2 == 0 ? 90 : 180);
            if (!number) return std::move(number).error();
        }
        return ok();
    }

    Result<void> check_radius(const Node& node) const {
        auto center = check_pairs(node, 2);
        if (!center) return center;
        if (!parse_finite_number(node.values[2].text)) {
            return error(code_, node.values[2].span.locate("Non finite floats are not supported"));
        }
        if (node.values.size() == 4) {
            auto resolution = check_resolution(node.values[3]);
            if (!resolution) return resolution;
        }
        return check_geo_enabled(node);
    }

    Result<void> check_resolution(const FilterToken& token) const {
        const auto number = parse_finite_number(token.text);
        if (!number) return error(code_, token.span.locate("Non finite floats are not supported"));
        const auto whole = *number <= 0 ? 0.0 : std::min(std::trunc(*number), 18446744073709551615.0);
        if (whole >= 3 && whole <= 1000) return ok();
        const auto printed = whole >= 18446744073709551615.0 ? "18446744073709551615" : print_number(whole);
        return error(code_, token.span.locate("Invalid resolution `" + printed +
                                              "`. Resolution must be between 3 and 1000."));
    }

    Result<void> check_bounding_box(const Node& node) const {
        auto corners = check_pairs(node, 4);
        if (!corners) return corners;
        const auto top = *parse_finite_number(node.values[0].text);
        const auto bottom = *parse_finite_number(node.values[2].text);
        if (top < bottom) {
            return error(code_, node.values[3].span.locate("The top latitude `" + print_number(top) +
                                                           "` is below the bottom latitude `" +
                                                           print_number(bottom) + "`."));
        }
        return check_geo_enabled(node);
    }

    Result<void> check_geo_enabled(const Node& node) const {
        if (has_plain_rule("_geo") || has_plain_rule("_geojson")) return ok();
        return not_filterable("_geo/_geojson", node.values.front().span);
    }

    Result<void> check_polygon(const Node& node) const {
        if (!has_plain_rule("_geojson")) return not_filterable("_geojson", node.values.front().span);
        return check_pairs(node, node.values.size());
    }

    const FilterableRules& rules_;
    std::string_view code_;
    const IsKnownAttribute& is_known_;
};

}  // namespace

Result<void> check_filterable(const Filter& filter, const FilterableRules& rules, std::string_view code,
                              const IsKnownAttribute& is_known) {
    if (!filter.root) return ok();
    const FilterCheck check(rules, code, is_known);
    if (const auto* attribute = check.find_not_filterable(*filter.root)) {
        return check.not_filterable(attribute->text, attribute->span);
    }
    return check.check(*filter.root);
}

}  // namespace miroir::meili
