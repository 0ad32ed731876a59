#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace miroir::scatter {

// What one ranking rule says about a hit, in a form that compares across nodes: costs are integers where
// the engine shows integers, because the denominators of its scores depend on a node's own corpus.
struct OrderKey {
    enum class Rule : std::uint8_t {
        words,
        typo,
        proximity,
        attribute_rank,
        word_position,
        attribute,
        exactness,
        sort,
        geo,
        vector,
        skipped,
        pin,
    };
    enum class Kind : std::uint8_t { number, text, missing };

    Rule rule = Rule::sort;
    // Of sort, geo and vector: numbers come before texts, and both before missing values, in both directions.
    Kind kind = Kind::number;
    bool ascending = true;
    // Lower is better.
    double cost = 0;
    double second_cost = 0;
    std::string_view text;
    // words: matching and all; typo: count and the node's maximum.
    std::uint32_t count = 0;
    std::uint32_t count_max = 0;
    // The entry in the node's text: `"name":{..}`, and the name alone.
    std::string_view member;
    std::string_view name;
};

using OrderKeys = std::span<const OrderKey>;

// Negative when `a` comes first, 0 for a tie.
int compare(OrderKeys a, OrderKeys b);

// Of sort values alone.
int compare_values(const OrderKey& a, const OrderKey& b);

}  // namespace miroir::scatter
