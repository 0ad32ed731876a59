#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "miroir/base/ids.hpp"
#include "miroir/base/result.hpp"
#include "miroir/scatter/search_plan.hpp"

namespace miroir::scatter {

// A node's 200 answer; `body` has 64 readable bytes behind its end.
struct NodeAnswerBody {
    NodeId node;
    std::string_view body;
    // How many hits (documents) the node was asked for.
    std::uint64_t asked = 0;
};

// An answer that is not what was asked for: never taken for an empty one.
struct BadNodeAnswer {
    NodeId node;
    std::string detail;
};

// What the merged answer says about the request itself.
struct AnswerFacts {
    std::string request_uid;
    std::uint64_t processing_time_ms = 0;
    // The `metadata` object, when the client asked for it.
    std::optional<std::string> metadata_json;
};

// A node's answer to NodeSearch::recount_body_for.
struct FacetRecount {
    NodeId node;
    UncertainFacet asked;
    std::string_view body;  // with body_padding readable bytes behind its end
};

struct MergedSearch {
    // The client's answer; empty when `need_more` is not.
    std::string body;
    // Nodes whose list ran out although they have more: ask them again for `window.needed` hits.
    std::vector<NodeId> need_more;
    std::vector<UncertainFacet> uncertain_facets;
    std::uint64_t total = 0;
};

// Merges the answers to one search as one Meilisearch with all the documents would give it. Every document
// is in at most one answer. Hits are never reordered within a node's list; ties between nodes go to the
// smaller `_miroir_version`, then to the smaller node id. `recounts` fill in what the nodes' lists of facet
// values lack.
Result<MergedSearch, BadNodeAnswer> merge_search(const NodeSearch& search,
                                                 const std::vector<NodeAnswerBody>& answers,
                                                 const AnswerFacts& facts,
                                                 const std::vector<FacetRecount>& recounts = {});

}  // namespace miroir::scatter
