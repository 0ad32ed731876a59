#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "miroir/coordination/task_registry.hpp"

namespace miroir::tasks {

using NodeTasks = std::map<NodeTaskUid, nlohmann::ordered_json>;

// The tasks in the body of an answer to GET /tasks; empty when it is no such answer.
std::optional<NodeTasks> parse_node_tasks(const std::string& body);

bool is_finished(const coordination::NodePart& part);

// The part with its node tasks taken together: the worst status, the sum of the counts, the whole span.
// Unchanged when one of them is not among `seen`.
coordination::NodePart combine(coordination::NodePart part, const NodeTasks& seen);

}  // namespace miroir::tasks
