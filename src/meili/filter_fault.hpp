#pragma once

#include <cstddef>
#include <string>

#include "miroir/base/result.hpp"
#include "miroir/meili/filter.hpp"

namespace miroir::meili {

// Why a piece of a filter could not be read. Unless `final`, other readings are tried.
struct FilterFault {
    enum class Kind {
        no_match,
        unclosed_quote,
        malformed_value,
        invalid_escape_number,
        expected_value,
        expected_value_not_keyword,
        missing_delimiter,
        expected_operation,
        expected_end,
        incomplete,
        depth_limit,
        in_opening_bracket,
        in_closing_bracket,
        in_expected_value,
        geo_radius,
        geo_radius_arguments,
        geo_bounding_box,
        geo_polygon,
        geo_polygon_points,
        geo_not_a_pair,
        reserved_geo,
        misused_geo_radius,
        misused_geo_bounding_box,
        vector_leftover,
        vector_quotes,
        vector_missing_embedder,
        vector_invalid_embedder,
        vector_missing_fragment,
        vector_invalid_fragment,
        vector_unknown_suffix,
        vector_operation,
        foreign,
    };

    Kind kind = Kind::no_match;
    bool final = false;
    FilterSpan where;
    // The delimiter, keyword or suffix the message names.
    std::string detail;
    // The part in front of an unknown vector suffix.
    std::string previous;
    std::size_t count = 0;

    // The whole message, position included.
    std::string message() const;
};

template <class T>
using Parsed = Result<T, FilterFault>;

}  // namespace miroir::meili
