#pragma once

#include <string>
#include <vector>

#include "miroir/scatter/merge_documents.hpp"
#include "node_hits.hpp"
#include "sort_rule.hpp"

namespace miroir::scatter {

// Reads the documents of one node's list; the keys are those of the `sort` rules. Uses of NodeHits: hits,
// pieces, keys, total. What is wrong with the answer, or empty.
std::string read_document_list(const NodeDocuments& list, const std::vector<SortRule>& rules,
                               std::string_view body, Scratch& scratch, NodeHits& out);

}  // namespace miroir::scatter
