#pragma once

#include <optional>
#include <string>
#include <vector>

#include "miroir/scatter/search_plan.hpp"

namespace miroir::scatter {

// The attribute lists a node is sent, and what of its answer the client may see.
struct NodeAttributes {
    std::optional<std::vector<std::string>> retrieve;
    std::vector<std::string> highlight;
    std::vector<std::string> crop;
    Selection retrieved;
    Selection formatted;
};

NodeAttributes node_attributes(const meili::SearchQuery& query, const ClientSettings& settings,
                               const std::optional<std::string>& distinct);

}  // namespace miroir::scatter
