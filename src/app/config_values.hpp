#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "configuration.hpp"

namespace miroir::app {

std::string_view trimmed(std::string_view text);

// Decimal digits only.
std::optional<std::uint64_t> parse_whole_number(std::string_view text);

// A whole number with an optional unit: B, kB, MB, GB (powers of 1000), KiB, MiB, GiB (powers of 1024).
std::optional<std::uint64_t> parse_bytes(std::string_view text);

// "512MiB", "100MB", "65536": the largest unit that divides the number.
std::string print_bytes(std::uint64_t bytes);

// Milliseconds of a whole number, counted in `unit_ms`, or with a unit of its own: ms, s, m, h, d.
std::optional<std::uint64_t> parse_duration_ms(std::string_view text, std::uint64_t unit_ms);

// A list as YAML ("[a, b]") or separated by commas.
std::optional<std::vector<std::string>> parse_texts(const std::string& text);
std::string print_texts(const std::vector<std::string>& texts);

// A list of maps as YAML. What is wrong with it goes to `fault`.
std::vector<NodeEntry> parse_nodes(const std::string& text, std::string& fault);
std::string print_nodes(const std::vector<NodeEntry>& nodes);
std::vector<IndexDefault> parse_index_defaults(const std::string& text, std::string& fault);
std::string print_index_defaults(const std::vector<IndexDefault>& defaults);

// An IPv4 or IPv6 address, with or without "/bits".
bool is_address_block(const std::string& text);

// The candidate that is most like `text`; empty when none is.
std::string closest(std::string_view text, const std::vector<std::string>& candidates);

}  // namespace miroir::app
