#include "filter_fault.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "filter_characters.hpp"
#include "miroir/meili/utf8.hpp"

namespace miroir::meili {
namespace {

constexpr std::string_view operations =
    "`=`, `!=`, `>=`, `>`, `<=`, `<`, `IN`, `NOT IN`, `TO`, `EXISTS`, `NOT EXISTS`, `IS NULL`, `IS NOT "
    "NULL`, "
    "`IS EMPTY`, `IS NOT EMPTY`, `CONTAINS`, `NOT CONTAINS`, `STARTS WITH`, `NOT STARTS WITH`, `_geoRadius`, "
    "`_geoBoundingBox` or `_geoPolygon`";

constexpr std::array<std::string_view, 4> vector_parts = {"fragments", "userProvided", "documentTemplate",
                                                          "regenerate"};

// Edits, insertions, deletions and swaps of neighbours that turn one word into the other.
std::size_t distance(const std::u32string& a, const std::u32string& b) {
    std::vector<std::vector<std::size_t>> rows(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
    for (std::size_t i = 0; i <= a.size(); ++i) {
        for (std::size_t j = 0; j <= b.size(); ++j) {
            if (i == 0 || j == 0) {
                rows[i][j] = i + j;
                continue;
            }
            const std::size_t cost = a[i - 1] == b[j - 1] ? 0 : 1;
            auto best = std::min({rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + cost});
            const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped) best = std::min(best, rows[i - 2][j - 2] + 1);
            rows[i][j] = best;
        }
    }
    return rows[a.size()][b.size()];
}

std::string unknown_suffix(const FilterFault& fault) {
    const auto& value = fault.detail;
    if (value == ".") {
        return "Was expecting one of `.fragments`, `.userProvided`, `.documentTemplate`, `.regenerate` or "
               "nothing, "
               "but instead found a point without a valid value.";
    }
    if (!fault.previous.empty()) {
        return "Vector filter can only accept one of `fragments`, `userProvided`, `documentTemplate` or "
               "`regenerate`, but found both `" +
               fault.previous + "` and `" + value + "`.";
    }
    if (std::find(vector_parts.begin(), vector_parts.end(), value) != vector_parts.end()) {
        return "Was expecting this part to be unquoted.";
    }
    std::string text =
        "Was expecting one of `fragments`, `userProvided`, `documentTemplate`, `regenerate` or nothing, but "
        "instead found `" +
        value + "`.";
    if (value.size() > 64) return text;
    for (const auto part : vector_parts) {
        if (distance(to_code_points(value), to_code_points(part)) <= 2) {
            return text + " Did you mean `" + std::string(part) + "`?";
        }
    }
    return text;
}

std::string geo_text(const FilterFault& fault) {
    const auto count = std::to_string(fault.count);
    switch (fault.kind) {
        case FilterFault::Kind::geo_radius:
            return "The `_geoRadius` filter must be in the form: `_geoRadius(latitude, longitude, radius, "
                   "optionalResolution)`.";
        case FilterFault::Kind::geo_radius_arguments:
            return "Was expecting 3 or 4 arguments for `_geoRadius`, but instead found " + count + ".";
        case FilterFault::Kind::geo_bounding_box:
            return "The `_geoBoundingBox` filter expects two pairs of arguments: `_geoBoundingBox([latitude, "
                   "longitude], [latitude, longitude])`.";
        case FilterFault::Kind::geo_polygon:
            return "The `_geoPolygon` filter doesn't match the expected format: `_geoPolygon([latitude, "
                   "longitude], [latitude, longitude])`.";
        case FilterFault::Kind::geo_polygon_points:
            return "The `_geoPolygon` filter expects at least 3 points but only " + count + " were specified";
        case FilterFault::Kind::geo_not_a_pair:
            return "Was expecting 2 coordinates but instead found " + count + ".";
        case FilterFault::Kind::reserved_geo:
            return "`" + fault.detail +
                   "` is a reserved keyword and thus can't be used as a filter expression. Use the "
                   "`_geoRadius(latitude, longitude, distance)` or `_geoBoundingBox([latitude, longitude], "
                   "[latitude, longitude])` built-in rules to filter on `_geo` coordinates.";
        case FilterFault::Kind::misused_geo_radius:
            return "The `_geoRadius` filter is an operation and can't be used as a value.";
        default:
            return "The `_geoBoundingBox` filter is an operation and can't be used as a value.";
    }
}

std::string vector_text(const FilterFault& fault) {
    switch (fault.kind) {
        case FilterFault::Kind::vector_leftover:
            return "The vector filter has leftover tokens.";
        case FilterFault::Kind::vector_quotes:
            return "The quotes in one of the values are inconsistent.";
        case FilterFault::Kind::vector_missing_embedder:
            return "Was expecting embedder name but found nothing.";
        case FilterFault::Kind::vector_invalid_embedder:
            return "The vector filter's embedder name is invalid.";
        case FilterFault::Kind::vector_missing_fragment:
            return "The vector filter is missing a fragment name.";
        case FilterFault::Kind::vector_invalid_fragment:
            return "The vector filter's fragment name is invalid.";
        case FilterFault::Kind::vector_unknown_suffix:
            return unknown_suffix(fault);
        default:
            return "Was expecting an operation like `EXISTS` or `NOT EXISTS` after the vector filter.";
    }
}

std::string value_text(const FilterFault& fault, const std::string& input, bool blank) {
    if (blank) return "Was expecting a value but instead got nothing.";
    const auto start = "Was expecting a value but instead got `" + input + "`";
    if (fault.kind == FilterFault::Kind::expected_value) return start + ".";
    return start + ", which is a reserved keyword. To use `" + input +
           "` as a field name or a value, surround it by quotes.";
}

std::string text_of(const FilterFault& fault) {
    using Kind = FilterFault::Kind;
    const auto raw = fault.where.text();
    const auto input = escape_debug(raw);
    const bool blank = is_blank_text(raw);
    switch (fault.kind) {
        case Kind::expected_value:
        case Kind::expected_value_not_keyword:
            return value_text(fault, input, blank);
        case Kind::malformed_value:
            return "Malformed value: `" + input + "`.";
        case Kind::invalid_escape_number:
            return "Found an invalid escaped sequence number: `" + input + "`.";
        case Kind::missing_delimiter:
            return "Expression `" + input + "` is missing the following closing delimiter: `" + fault.detail +
                   "`.";
        case Kind::expected_operation:
            return "Was expecting an operation " + std::string(operations) +
                   (blank ? " but instead got nothing." : " at `" + input + "`.");
        case Kind::expected_end:
            return "Found unexpected characters at the end of the filter: `" + input +
                   "`. You probably forgot an `OR` or an `AND` rule.";
        case Kind::incomplete:
            return "The filter is incomplete and requires Unknown additional bytes to be parsed.";
        case Kind::depth_limit:
            return "The filter exceeded the maximum depth limit. Try rewriting the filter so that it "
                   "contains "
                   "fewer nested conditions.";
        case Kind::in_opening_bracket:
            return "Expected `[` after `IN` keyword.";
        case Kind::in_closing_bracket:
            return "Expected matching `]` after the list of field names given to `IN[`";
        case Kind::in_expected_value:
            return "Expected only comma-separated field names inside `IN[..]` but instead found `" + input +
                   "`.";
        case Kind::foreign:
            return "Was expecting a field name and an condition inside `_foreign(..)` filter but instead "
                   "found `" +
                   input + "`.";
        default:
            break;
    }
    return fault.kind >= Kind::vector_leftover ? vector_text(fault) : geo_text(fault);
}

}  // namespace

std::string FilterFault::message() const {
    return where.locate(text_of(*this));
}

}  // namespace miroir::meili
