#pragma once

#include "filter_reader.hpp"

namespace miroir::meili {

// The grammar of filters. Readings are tried in the engine's order, because the order decides which fault is
// reported.
class FilterParser {
public:
    explicit FilterParser(std::string_view text) : reader_(text) {}

    // The whole text as one expression.
    Parsed<FilterNode> parse();

private:
    Parsed<FilterNode> parse_or(int depth);
    Parsed<FilterNode> parse_and(int depth);
    Parsed<FilterNode> parse_not(int depth);
    Parsed<FilterNode> parse_primary(int depth);
    Parsed<FilterNode> parse_parentheses(FilterFault unclosed, int depth);
    Parsed<FilterNode> parse_chain(FilterNode::Kind kind, std::string_view word, int depth);
    Parsed<FilterNode> parse_after_value(FilterToken attribute, std::size_t begin);
    Parsed<FilterNode> parse_in(FilterToken attribute);
    Parsed<FilterNode> parse_comparison(FilterToken attribute);
    Parsed<FilterNode> parse_is(FilterToken attribute);
    Parsed<FilterNode> parse_exists(FilterToken attribute);
    Parsed<FilterNode> parse_between(FilterToken attribute);
    Parsed<FilterNode> parse_text_operator(FilterToken attribute);
    Parsed<FilterNode> parse_foreign(std::size_t begin, int depth);
    Parsed<FilterNode> parse_foreign_operands(int depth);
    Parsed<std::vector<FilterToken>> parse_list();
    FilterFault no_match() const { return reader_.fault(FilterFault::Kind::no_match, reader_.at()); }

    FilterReader reader_;
};

// `_geoRadius(..)`, `_geoBoundingBox(..)` or `_geoPolygon(..)`. A fault that is not final: something else.
Parsed<FilterNode> read_geo_filter(FilterReader& reader);

// `_vectors[.embedder[.part]] [NOT] EXISTS`. A fault that is not final: something else.
Parsed<FilterNode> read_vector_filter(FilterReader& reader);

FilterNode negated(FilterNode node);

}  // namespace miroir::meili
