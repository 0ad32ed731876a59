#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "miroir/meili/requests.hpp"
#include "miroir/scatter/merge_search.hpp"

namespace miroir::scatter {

// A list of documents as every node of a cover is asked for it (POST .../documents/fetch).
struct NodeDocuments {
    meili::DocumentsQuery query;
    // Nodes send more than the client asked for, so each document must be cut down to `query.fields`.
    bool narrower_than_node = false;
    // The leading documents of the merged list that decide about the page.
    std::uint64_t needed = 0;
    std::string prefix;

    std::string body_for(const std::vector<ShardId>& shards) const;
    // Equal for all pages of one query.
    std::uint64_t cover_choice(const LogicalIndexUid& index) const;
};

// `context.rules`: filters of the grant. Errors: a filter that names what only miroir writes.
Result<NodeDocuments> node_documents(meili::DocumentsQuery query, const SearchContext& context);

// {"results":[..],"offset":..,"limit":..,"total":..}. Without `sort` in order of insertion, as far as the
// nodes' own lists are. Sort keys are read from the documents.
Result<std::string, BadNodeAnswer> merge_documents(const NodeDocuments& list,
                                                   const std::vector<NodeAnswerBody>& answers);

}  // namespace miroir::scatter
