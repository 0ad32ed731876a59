#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "miroir/scatter/search_plan.hpp"
#include "order_key.hpp"
#include "raw_json.hpp"

namespace miroir::scatter {

// A stretch of one of the vectors of NodeHits.
struct Range {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
};

// One hit as a node gave it, read but not copied.
struct Hit {
    std::string_view whole;
    // All that a client may see except the scores, ready to be joined.
    Range pieces;
    Range keys;
    Range distinct_values;
    std::string_view version;
    std::string_view score;
    std::string_view details;
};

struct NodeHits {
    std::vector<Hit> hits;
    std::vector<std::string_view> pieces;
    std::vector<OrderKey> keys;
    std::vector<std::string> distinct_values;
    std::uint64_t total = 0;
    std::uint64_t processing_ms = 0;
    std::string_view facet_distribution;
    std::string_view facet_stats;
    std::string_view query_vector;
    std::string_view performance_details;
    bool counts_semantic_hits = false;

    OrderKeys keys_of(const Hit& hit) const {
        return {keys.data() + hit.keys.begin, hit.keys.end - hit.keys.begin};
    }
    std::span<const std::string_view> pieces_of(const Hit& hit) const {
        return {pieces.data() + hit.pieces.begin, hit.pieces.end - hit.pieces.begin};
    }
    std::span<const std::string> distinct_values_of(const Hit& hit) const {
        return {distinct_values.data() + hit.distinct_values.begin,
                hit.distinct_values.end - hit.distinct_values.begin};
    }
};

// Reads a node's answer to `search`; `body` has body_padding readable bytes behind its end and outlives the
// result. What is wrong with it, or empty.
std::string read_node_hits(const NodeSearch& search, std::string_view body, Scratch& scratch, NodeHits& out);

}  // namespace miroir::scatter
