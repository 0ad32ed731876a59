#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "miroir/base/result.hpp"
#include "miroir/meili/body_reader.hpp"
#include "miroir/meili/search_query.hpp"

// Readers of the values of a query string, for use with `field<...>` of body_reader.hpp.
namespace miroir::meili {

// The parameters as an object of strings: of parameters given twice the last one counts.
JsonValue to_json_value(const QueryParameters& parameters);

// `fields` against the parameters: unknown ones are refused with bad_request.
Result<void> read_parameters(const QueryParameters& parameters, std::span<const Field> fields);

// A list where `*` stands for everything.
template <class T>
struct StarList {
    // The parameter is there at all.
    bool given = false;
    // Empty when absent or `*`: no restriction.
    std::optional<std::vector<T>> items;
    friend bool operator==(const StarList&, const StarList&) = default;
};

Result<void> read_query_unsigned(const Place& place, std::uint64_t& out);
Result<void> read_query_unsigned32(const Place& place, std::uint32_t& out);
Result<void> read_query_optional_unsigned(const Place& place, std::optional<std::uint64_t>& out);
Result<void> read_query_optional_unsigned32(const Place& place, std::optional<std::uint32_t>& out);
Result<void> read_query_boolean(const Place& place, bool& out);
Result<void> read_query_optional_boolean(const Place& place, std::optional<bool>& out);
// "a,,b" is a and b.
Result<void> read_query_list(const Place& place, std::optional<std::vector<std::string>>& out);
Result<void> read_query_star_list(const Place& place, StarList<std::string>& out);
Result<void> read_query_star_list32(const Place& place, StarList<std::uint32_t>& out);
// No text is a value of this parameter: every use of it is an error (the engine declares it that way).
Result<void> read_query_impossible_boolean(const Place& place, std::optional<bool>& out);

// The items of a comma-separated text; empty ones are dropped.
std::vector<std::string> split_commas(std::string_view text);
// "price:asc,_geoPoint(1, 2):desc" as two items.
std::vector<std::string> split_sort(std::string_view text);

// A decimal number with an optional '+', as Rust reads it; empty when it is none or above `max`.
std::optional<std::uint64_t> to_unsigned(std::string_view text, std::uint64_t max);
// A floating-point literal as Rust reads it ("1", ".5", "1e3", "inf").
std::optional<double> to_double(std::string_view text);

// A GET filter as JSON text: the text itself when it is JSON, else a JSON string of it.
std::string filter_text_to_json(std::string_view text);

}  // namespace miroir::meili
