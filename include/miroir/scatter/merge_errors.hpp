#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "miroir/base/ids.hpp"
#include "miroir/base/result.hpp"
#include "miroir/meili/search_query.hpp"
#include "miroir/scatter/index_view.hpp"

namespace miroir::scatter {

struct NodeError {
    NodeId node;
    ApiError error;
};

// A node's error body; empty when it is none.
std::optional<ApiError> parse_node_error(int status, std::string_view body);

enum class Verdict {
    // Some nodes gave answers; the errors of the others only mean that they have nothing to add.
    use_answers,
    // The request is at fault: every node says so.
    relay,
    // Nodes with the same settings disagree: ask other copies, else 503.
    disagree,
};

struct JudgedErrors {
    Verdict verdict = Verdict::use_answers;
    // What to relay, as the node said it; see as_client_error().
    std::optional<ApiError> error;
};

// `answered`: how many nodes gave a 2xx answer. `same_settings`: all nodes asked run the same settings
// version.
JudgedErrors judge_errors(std::vector<NodeError> errors, std::size_t answered, bool same_settings);

// Whether the error can come from what a node's own documents lack.
bool depends_on_documents(const ApiError& error);

struct ErrorContext {
    LogicalIndexUid logical;
    PhysicalIndexUid physical;
    const ClientSettings* settings = nullptr;
    // The filter that the nodes got, without the shard clause.
    const meili::FilterParameter* filter = nullptr;
};

// A node's error in the words that one Meilisearch with the client's settings would use: the client's index
// name, no reserved attribute, no shard clause.
ApiError as_client_error(ApiError error, const ErrorContext& context);

}  // namespace miroir::scatter
