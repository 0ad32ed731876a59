#include "node_hits.hpp"

#include <algorithm>

#include "hit_reader.hpp"

namespace miroir::scatter {
namespace {

od::parser& answer_parser() {
    thread_local od::parser parser;
    return parser;
}

// What has to be there in every answer.
struct Seen {
    bool hits = false;
    bool total = false;
};

bool read_hits(od::value& value, HitReader& reader) {
    od::array list;
    if (value.get_array().get(list)) {
        return false;
    }
    for (auto read : list) {
        od::value hit;
        if (std::move(read).get(hit) || !reader.read(hit)) {
            return false;
        }
    }
    return true;
}

bool read_member(std::string_view name, od::value& value, HitReader& reader, NodeHits& out, Seen& seen) {
    if (name == "hits") {
        seen.hits = true;
        return read_hits(value, reader);
    }
    if (name == "estimatedTotalHits" || name == "totalHits") {
        seen.total = true;
        return !value.get_uint64().get(out.total);
    }
    if (name == "processingTimeMs") {
        return !value.get_uint64().get(out.processing_ms);
    }
    if (name == "semanticHitCount") {
        out.counts_semantic_hits = true;
        return true;
    }
    std::string_view* kept = nullptr;
    if (name == "facetDistribution") {
        kept = &out.facet_distribution;
    } else if (name == "facetStats") {
        kept = &out.facet_stats;
    } else if (name == "queryVector") {
        kept = &out.query_vector;
    } else if (name == "performanceDetails") {
        kept = &out.performance_details;
    }
    if (kept) {
        *kept = raw_value(value);
        return !kept->empty();
    }
    return true;
}

}  // namespace

std::string read_node_hits(const NodeSearch& search, std::string_view body, Scratch& scratch, NodeHits& out) {
    od::document document;
    od::object root;
    const simdjson::padded_string_view padded(body.data(), body.size(), body.size() + body_padding);
    if (const auto error = answer_parser().iterate(padded).get(document)) {
        return simdjson::error_message(error);
    }
    if (document.get_object().get(root)) {
        return "the answer is not an object";
    }
    const auto hits = static_cast<std::size_t>(std::min<std::uint64_t>(search.window.needed, 1000));
    out.hits.reserve(hits);
    out.pieces.reserve(hits);
    HitReader reader(search, document, body.data() + body.size(), scratch, out);
    Seen seen;
    for (auto read : root) {
        od::field field;
        if (const auto error = std::move(read).get(field)) {
            return simdjson::error_message(error);
        }
        const auto name = raw_name(field.key());
        if (!read_member(name, field.value(), reader, out, seen)) {
            return "unexpected value of `" + std::string(name) + "`";
        }
    }
    if (location(document)) {
        return "text after the answer";
    }
    if (!seen.hits || !seen.total) {
        return "the answer has no hits or no total";
    }
    return {};
}

}  // namespace miroir::scatter
