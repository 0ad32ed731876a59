#include "filter_parser.hpp"

#include <array>
#include <utility>

namespace miroir::meili {
namespace {

using Kind = FilterFault::Kind;
using Node = FilterNode;

constexpr int depth_max = 150;

FilterFault made_final(FilterFault fault) {
    fault.final = true;
    return fault;
}

Node comparison(FilterToken attribute, FilterOperator op) {
    Node node;
    node.kind = Node::Kind::comparison;
    node.op = op;
    node.attribute = std::move(attribute);
    return node;
}

constexpr std::array<std::pair<std::string_view, FilterOperator>, 6> comparison_operators = {{
    {"<=", FilterOperator::less_or_equal},
    {">=", FilterOperator::greater_or_equal},
    {"!=", FilterOperator::not_equal},
    {"<", FilterOperator::less},
    {">", FilterOperator::greater},
    {"=", FilterOperator::equal},
}};

}  // namespace

Node negated(Node node) {
    Node outer;
    outer.kind = Node::Kind::negation;
    outer.children.push_back(std::move(node));
    return outer;
}

Parsed<Node> FilterParser::parse() {
    auto node = parse_or(0);
    if (node && !reader_.done()) return reader_.final_fault(Kind::expected_end, reader_.at());
    return node;
}

Parsed<Node> FilterParser::parse_chain(Node::Kind kind, std::string_view word, int depth) {
    if (depth > depth_max) return reader_.fault(Kind::depth_limit, reader_.at());
    const bool is_or = kind == Node::Kind::any_of;
    Node chain;
    chain.kind = kind;
    while (true) {
        auto operand = is_or ? parse_and(depth + 1) : parse_not(depth + 1);
        if (!operand) {
            return chain.children.empty() ? std::move(operand).error()
                                          : made_final(std::move(operand).error());
        }
        chain.children.push_back(std::move(operand).value());
        const auto before = reader_.at();
        reader_.skip_blanks();
        if (!reader_.take_word(word)) {
            reader_.move_to(before);
            break;
        }
        reader_.skip_blanks();
    }
    if (chain.children.size() > 1) return chain;
    auto only = std::move(chain.children.front());
    return only;
}

Parsed<Node> FilterParser::parse_or(int depth) {
    return parse_chain(Node::Kind::any_of, "OR", depth);
}

Parsed<Node> FilterParser::parse_and(int depth) {
    return parse_chain(Node::Kind::all_of, "AND", depth);
}

Parsed<Node> FilterParser::parse_not(int depth) {
    if (depth > depth_max) return reader_.fault(Kind::depth_limit, reader_.at());
    const auto begin = reader_.at();
    reader_.skip_blanks();
    if (!reader_.take_word("NOT")) {
        reader_.move_to(begin);
        return parse_primary(depth + 1);
    }
    reader_.skip_blanks();
    auto operand = parse_not(depth + 1);
    if (!operand) return made_final(std::move(operand).error());
    auto node = std::move(operand).value();
    if (node.kind != Node::Kind::negation) return negated(std::move(node));
    auto inner = std::move(node.children.front());
    return inner;
}

Parsed<Node> FilterParser::parse_parentheses(FilterFault unclosed, int depth) {
    reader_.skip_blanks();
    auto inner = parse_or(depth + 1);
    if (!inner) return made_final(std::move(inner).error());
    reader_.skip_blanks();
    if (!reader_.take(")")) return unclosed;
    reader_.skip_blanks();
    return inner;
}

Parsed<Node> FilterParser::parse_primary(int depth) {
    const auto begin = reader_.at();
    if (depth > depth_max) return reader_.fault(Kind::depth_limit, begin);
    auto unclosed = reader_.final_fault(Kind::missing_delimiter, begin);
    unclosed.detail = ")";
    reader_.skip_blanks();
    if (reader_.take("(")) return parse_parentheses(std::move(unclosed), depth);

    reader_.move_to(begin);
    auto geo = read_geo_filter(reader_);
    if (geo || geo.error().final) return geo;

    reader_.move_to(begin);
    auto attribute = reader_.value();
    if (!attribute && attribute.error().final) return std::move(attribute).error();
    if (!attribute) {
        auto fault = std::move(attribute).error();
        const bool keyword = fault.kind == Kind::expected_value_not_keyword;
        return keyword ? made_final(std::move(fault)) : reader_.fault(Kind::expected_operation, begin);
    }
    auto node = parse_after_value(std::move(attribute).value(), begin);
    if (node || node.error().final) return node;

    auto foreign = parse_foreign(begin, depth);
    if (foreign || foreign.error().final) return foreign;
    return reader_.fault(Kind::expected_operation, begin);
}

Parsed<Node> FilterParser::parse_after_value(FilterToken attribute, std::size_t begin) {
    const auto after = reader_.at();
    for (const auto reading :
         {&FilterParser::parse_in, &FilterParser::parse_comparison, &FilterParser::parse_is}) {
        auto node = (this->*reading)(attribute);
        if (node || node.error().final) return node;
        reader_.move_to(after);
    }
    reader_.move_to(begin);
    auto vector = read_vector_filter(reader_);
    if (vector || vector.error().final) return vector;
    for (const auto reading :
         {&FilterParser::parse_exists, &FilterParser::parse_between, &FilterParser::parse_text_operator}) {
        reader_.move_to(after);
        auto node = (this->*reading)(attribute);
        if (node || node.error().final) return node;
    }
    return no_match();
}

Parsed<Node> FilterParser::parse_in(FilterToken attribute) {
    const bool negative = reader_.take_word("NOT");
    reader_.skip_blanks();
    if (!reader_.take_word("IN")) return no_match();
    reader_.skip_blanks();
    if (!reader_.take("[")) return reader_.final_fault(Kind::in_opening_bracket, reader_.at());
    auto values = parse_list();
    if (!values) return std::move(values).error();
    const auto after = reader_.at();
    reader_.skip_blanks();
    if (!reader_.take("]")) {
        reader_.move_to(after);
        return reader_.final_fault(reader_.done() ? Kind::in_closing_bracket : Kind::in_expected_value,
                                   after);
    }
    reader_.skip_blanks();
    Node node;
    node.kind = Node::Kind::in;
    node.attribute = std::move(attribute);
    node.values = std::move(values).value();
    return negative ? negated(std::move(node)) : std::move(node);
}

Parsed<std::vector<FilterToken>> FilterParser::parse_list() {
    std::vector<FilterToken> values;
    auto before = reader_.at();
    while (true) {
        auto value = reader_.value();
        if (!value) {
            if (value.error().final) return std::move(value).error();
            reader_.move_to(before);
            break;
        }
        values.push_back(std::move(value).value());
        before = reader_.at();
        reader_.skip_blanks();
        if (!reader_.take(",")) {
            reader_.move_to(before);
            return values;
        }
        reader_.skip_blanks();
    }
    // A comma may close the list.
    if (values.empty()) return values;
    reader_.skip_blanks();
    if (reader_.take(",")) reader_.skip_blanks();
    return values;
}

Parsed<Node> FilterParser::parse_comparison(FilterToken attribute) {
    for (const auto& [text, op] : comparison_operators) {
        if (!reader_.take(text)) continue;
        auto value = reader_.value();
        if (!value) return made_final(std::move(value).error());
        auto node = comparison(std::move(attribute), op);
        node.values.push_back(std::move(value).value());
        return node;
    }
    return no_match();
}

Parsed<Node> FilterParser::parse_is(FilterToken attribute) {
    if (reader_.take_sequence({"IS", "NULL"}))
        return comparison(std::move(attribute), FilterOperator::is_null);
    if (reader_.take_sequence({"IS", "NOT", "NULL"})) {
        return negated(comparison(std::move(attribute), FilterOperator::is_null));
    }
    if (reader_.take_sequence({"IS", "EMPTY"}))
        return comparison(std::move(attribute), FilterOperator::is_empty);
    if (reader_.take_sequence({"IS", "NOT", "EMPTY"})) {
        return negated(comparison(std::move(attribute), FilterOperator::is_empty));
    }
    return no_match();
}

Parsed<Node> FilterParser::parse_exists(FilterToken attribute) {
    if (reader_.take("EXISTS")) return comparison(std::move(attribute), FilterOperator::exists);
    if (reader_.take_sequence({"NOT", "EXISTS"})) {
        return negated(comparison(std::move(attribute), FilterOperator::exists));
    }
    return no_match();
}

Parsed<Node> FilterParser::parse_between(FilterToken attribute) {
    auto from = reader_.value();
    if (!from) return std::move(from).error();
    if (!reader_.take("TO") || !reader_.take_blanks()) return no_match();
    auto to = reader_.value();
    if (!to) return made_final(std::move(to).error());
    auto node = comparison(std::move(attribute), FilterOperator::between);
    node.values.push_back(std::move(from).value());
    node.values.push_back(std::move(to).value());
    return node;
}

Parsed<Node> FilterParser::parse_text_operator(FilterToken attribute) {
    constexpr std::array<std::pair<std::string_view, FilterOperator>, 2> operators = {{
        {"CONTAINS", FilterOperator::contains},
        {"STARTS WITH", FilterOperator::starts_with},
    }};
    for (const auto& [text, op] : operators) {
        const bool negative = reader_.take_sequence({"NOT", text});
        if (!negative && !reader_.take(text)) continue;
        const auto keyword_begin = reader_.at() - text.size();
        auto node = comparison(std::move(attribute), op);
        node.keyword = FilterToken{std::string(text), reader_.span(keyword_begin, reader_.at())};
        auto value = reader_.value();
        if (!value) return made_final(std::move(value).error());
        node.values.push_back(std::move(value).value());
        return negative ? negated(std::move(node)) : std::move(node);
    }
    return no_match();
}

Parsed<Node> FilterParser::parse_foreign(std::size_t begin, int depth) {
    reader_.move_to(begin);
    reader_.skip_blanks();
    if (!reader_.take_word("_foreign")) return no_match();
    // It stays so for what follows: the engine's positions carry the text along.
    reader_.show_from(begin);
    auto node = parse_foreign_operands(depth);
    if (node || node.error().kind == Kind::incomplete) return node;
    auto fault = made_final(std::move(node).error());
    fault.kind = Kind::foreign;
    return fault;
}

Parsed<Node> FilterParser::parse_foreign_operands(int depth) {
    if (!reader_.take("(")) return no_match();
    reader_.skip_blanks();
    auto attribute = reader_.value();
    if (!attribute) return std::move(attribute).error();
    reader_.skip_blanks();
    if (!reader_.take(",")) return no_match();
    reader_.skip_blanks();
    auto inner = parse_or(depth);
    if (!inner) return std::move(inner).error();
    reader_.skip_blanks();
    if (!reader_.take(")")) return no_match();
    Node node;
    node.kind = Node::Kind::foreign;
    node.attribute = std::move(attribute).value();
    node.children.push_back(std::move(inner).value());
    return node;
}

}  // namespace miroir::meili
