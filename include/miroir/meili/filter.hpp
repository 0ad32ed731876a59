#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "miroir/base/result.hpp"
#include "miroir/meili/search_query.hpp"

namespace miroir::meili {

// A stretch of a filter's text, for messages that point at it.
struct FilterSpan {
    std::shared_ptr<const std::string> source;
    std::size_t begin = 0;
    std::size_t end = 0;
    // Messages repeat the source from here on: 0, or the start of the enclosing `_foreign(..)`.
    std::size_t shown_from = 0;

    std::string_view text() const;
    // "{message}\n{first column}:{last column} {source}", the form of every message about a filter.
    std::string locate(std::string_view message) const;
};

// A name or value, without quotes and with escapes resolved. Only the text takes part in comparisons.
struct FilterToken {
    std::string text;
    FilterSpan span;

    friend bool operator==(const FilterToken& a, const FilterToken& b) { return a.text == b.text; }
};

enum class FilterOperator {
    equal,
    not_equal,
    less,
    less_or_equal,
    greater,
    greater_or_equal,
    between,
    exists,
    is_null,
    is_empty,
    contains,
    starts_with,
};

// "=", "TO", "IS NULL" ...
std::string_view operator_text(FilterOperator op);

struct FilterNode {
    enum class Kind {
        all_of,
        any_of,
        negation,
        comparison,
        in,
        geo_radius,
        geo_bounding_box,
        geo_polygon,
        vector_exists,
        foreign,
    };
    enum class VectorPart { any, fragment, document_template, user_provided, regenerate };

    Kind kind = Kind::comparison;
    // Of a comparison.
    FilterOperator op = FilterOperator::equal;
    // Of a comparison, `in`, `foreign` and `vector_exists` (there: `_vectors`).
    FilterToken attribute;
    // The right-hand side: one value, `from` and `to`, the list of IN, the coordinates (and radius and
    // resolution) of the geo conditions, the embedder and fragment of a vector condition.
    std::vector<FilterToken> values;
    // Of CONTAINS and STARTS WITH: the operator itself.
    std::optional<FilterToken> keyword;
    VectorPart vector_part = VectorPart::any;
    // Of and, or, not and foreign.
    std::vector<FilterNode> children;

    friend bool operator==(const FilterNode&, const FilterNode&) = default;
};

// A parsed filter. Without a root it is blank and selects everything.
struct Filter {
    std::optional<FilterNode> root;

    bool empty() const { return !root.has_value(); }
    friend bool operator==(const Filter&, const Filter&) = default;
};

// `code` is the error code of the route (invalid_search_filter, invalid_document_filter).
Result<Filter> parse_filter(std::string_view text, std::string_view code);
Result<Filter> parse_filter(const FilterParameter& parameter, std::string_view code);

// The text the engine rewrites every search filter to before it evaluates it: all values in double quotes,
// all operands of AND and OR in parentheses. Empty for an empty filter.
std::string canonical(const Filter& filter);

// Whether an attribute that starts with `_miroir_` is named.
bool names_reserved(const Filter& filter);

// The experimental features that parts of the grammar depend on.
struct FilterFeatures {
    bool contains_filter = false;
    bool foreign_keys = false;
    bool network = false;
    bool multimodal = false;
};

// feature_not_enabled for the first operator whose feature is off.
Result<void> check_features(const Filter& filter, const FilterFeatures& features);

}  // namespace miroir::meili
