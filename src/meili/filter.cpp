#include "miroir/meili/filter.hpp"

#include <utility>

#include "filter_characters.hpp"
#include "filter_parser.hpp"
#include "miroir/meili/error.hpp"
#include "miroir/meili/json_text.hpp"
#include "miroir/meili/utf8.hpp"

namespace miroir::meili {
namespace {

using Node = FilterNode;

// The only operand itself, or all of them under `kind`; nothing for none.
std::optional<Node> joined(Node::Kind kind, std::vector<Node> operands) {
    if (operands.empty()) return std::nullopt;
    if (operands.size() == 1) return std::move(operands.front());
    Node node;
    node.kind = kind;
    node.children = std::move(operands);
    return node;
}

void append_list(std::string& out, const std::vector<FilterToken>& values, bool quoted) {
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (i > 0) out += ", ";
        out += quoted ? json_string(values[i].text) : values[i].text;
    }
}

void append_points(std::string& out, const std::vector<FilterToken>& values) {
    for (std::size_t i = 0; i + 1 < values.size(); i += 2) {
        if (i > 0) out += ", ";
        out += "[" + values[i].text + ", " + values[i + 1].text + "]";
    }
}

void append_comparison(std::string& out, const Node& node) {
    out += json_string(node.attribute.text);
    out += ' ';
    if (node.op == FilterOperator::between) {
        out += json_string(node.values[0].text) + " TO " + json_string(node.values[1].text);
        return;
    }
    out += operator_text(node.op);
    if (!node.values.empty()) out += " " + json_string(node.values.front().text);
}

void append_vector(std::string& out, const Node& node) {
    out += "_vectors";
    if (!node.values.empty()) out += "." + json_string(node.values.front().text);
    switch (node.vector_part) {
        case Node::VectorPart::fragment:
            out += ".fragments." + json_string(node.values.back().text);
            break;
        case Node::VectorPart::document_template:
            out += ".documentTemplate";
            break;
        case Node::VectorPart::user_provided:
            out += ".userProvided";
            break;
        case Node::VectorPart::regenerate:
            out += ".regenerate";
            break;
        case Node::VectorPart::any:
            break;
    }
    out += " EXISTS";
}

void append_node(std::string& out, const Node& node);

void append_operands(std::string& out, const Node& node, std::string_view word) {
    for (std::size_t i = 0; i < node.children.size(); ++i) {
        if (i > 0) out += word;
        out += '(';
        append_node(out, node.children[i]);
        out += ')';
    }
}

void append_node(std::string& out, const Node& node) {
    switch (node.kind) {
        case Node::Kind::all_of:
            return append_operands(out, node, " AND ");
        case Node::Kind::any_of:
            return append_operands(out, node, " OR ");
        case Node::Kind::negation:
            out += "NOT ";
            return append_operands(out, node, "");
        case Node::Kind::comparison:
            return append_comparison(out, node);
        case Node::Kind::in:
            out += json_string(node.attribute.text) + " IN [";
            append_list(out, node.values, true);
            out += ']';
            return;
        case Node::Kind::geo_radius:
            out += "_geoRadius(";
            append_list(out, node.values, false);
            out += ')';
            return;
        case Node::Kind::geo_bounding_box:
        case Node::Kind::geo_polygon:
            out += node.kind == Node::Kind::geo_polygon ? "_geoPolygon(" : "_geoBoundingBox(";
            append_points(out, node.values);
            out += ')';
            return;
        case Node::Kind::vector_exists:
            return append_vector(out, node);
        case Node::Kind::foreign:
            out += "_foreign(" + json_string(node.attribute.text) + ", ";
            append_node(out, node.children.front());
            out += ')';
            return;
    }
}

// The first node, in reading order, that `wanted` accepts.
template <class Wanted>
const Node* find_node(const Node& node, const Wanted& wanted) {
    if (wanted(node)) return &node;
    for (const auto& child : node.children) {
        if (const auto* found = find_node(child, wanted)) return found;
    }
    return nullptr;
}

// The last `foreign` operand in reading order: the engine looks at the last operands first.
const Node* find_foreign(const Node& node) {
    if (node.kind == Node::Kind::foreign) return &node;
    for (auto child = node.children.rbegin(); child != node.children.rend(); ++child) {
        if (const auto* found = find_foreign(*child)) return found;
    }
    return nullptr;
}

ApiError feature_off(const FilterToken& token, std::string_view action, std::string_view feature, int link) {
    auto message = std::string(action) + " requires enabling the `" + std::string(feature) +
                   "` experimental feature. See https://github.com/orgs/meilisearch/discussions/" +
                   std::to_string(link);
    return error("feature_not_enabled", token.span.locate(message));
}

}  // namespace

std::string_view FilterSpan::text() const {
    return std::string_view(*source).substr(begin, end - begin);
}

std::string FilterSpan::locate(std::string_view message) const {
    const std::string_view whole = *source;
    const auto line_break = begin == 0 ? std::string_view::npos : whole.rfind('\n', begin - 1);
    const auto line_begin = line_break == std::string_view::npos ? 0 : line_break + 1;
    const auto first = count_characters(whole.substr(line_begin, begin - line_begin)) + 1;
    const auto last = first + count_characters(text());
    return std::string(message) + "\n" + std::to_string(first) + ":" + std::to_string(last) + " " +
           std::string(whole.substr(shown_from));
}

std::string_view operator_text(FilterOperator op) {
    switch (op) {
        case FilterOperator::equal:
            return "=";
        case FilterOperator::not_equal:
            return "!=";
        case FilterOperator::less:
            return "<";
        case FilterOperator::less_or_equal:
            return "<=";
        case FilterOperator::greater:
            return ">";
        case FilterOperator::greater_or_equal:
            return ">=";
        case FilterOperator::between:
            return "TO";
        case FilterOperator::exists:
            return "EXISTS";
        case FilterOperator::is_null:
            return "IS NULL";
        case FilterOperator::is_empty:
            return "IS EMPTY";
        case FilterOperator::contains:
            return "CONTAINS";
        case FilterOperator::starts_with:
            return "STARTS WITH";
    }
    return "";
}

Result<Filter> parse_filter(std::string_view text, std::string_view code) {
    if (is_blank_text(text)) return Filter{};
    auto node = FilterParser(text).parse();
    if (!node) return error(code, node.error().message());
    return Filter{std::move(node).value()};
}

Result<Filter> parse_filter(const FilterParameter& parameter, std::string_view code) {
    std::vector<Node> all;
    for (const auto& alternatives : parameter.all_of) {
        std::vector<Node> any;
        for (const auto& text : alternatives) {
            auto parsed = parse_filter(text, code);
            if (!parsed) return std::move(parsed).error();
            if (!parsed.value().empty()) any.push_back(std::move(*std::move(parsed).value().root));
        }
        auto operand = joined(Node::Kind::any_of, std::move(any));
        if (operand) all.push_back(std::move(*operand));
    }
    return Filter{joined(Node::Kind::all_of, std::move(all))};
}

std::string canonical(const Filter& filter) {
    std::string out;
    if (filter.root) append_node(out, *filter.root);
    return out;
}

bool names_reserved(const Filter& filter) {
    const auto reserved = [](const Node& node) { return node.attribute.text.starts_with("_miroir_"); };
    return filter.root && find_node(*filter.root, reserved) != nullptr;
}

Result<void> check_features(const Filter& filter, const FilterFeatures& features) {
    if (!filter.root) return ok();
    const auto& root = *filter.root;
    const auto is_contains = [](const Node& node) {
        return node.kind == Node::Kind::comparison && node.op == FilterOperator::contains;
    };
    const auto* contains = features.contains_filter ? nullptr : find_node(root, is_contains);
    if (contains != nullptr) {
        return feature_off(*contains->keyword, "Using `CONTAINS` in a filter", "contains filter", 763);
    }
    const auto* foreign = features.foreign_keys ? nullptr : find_foreign(root);
    if (foreign != nullptr) {
        return feature_off(foreign->attribute, "using a foreign filter", "foreign_keys", 873);
    }
    const auto on_shard = [](const Node& node) { return node.attribute.text == "_shard"; };
    const auto* shard = features.network ? nullptr : find_node(root, on_shard);
    if (shard != nullptr) return feature_off(shard->attribute, "using a shard filter", "network", 805);
    const auto is_vector = [](const Node& node) { return node.kind == Node::Kind::vector_exists; };
    const auto* vector = features.multimodal ? nullptr : find_node(root, is_vector);
    if (vector != nullptr) return feature_off(vector->attribute, "using a vector filter", "multimodal", 846);
    return ok();
}

}  // namespace miroir::meili
