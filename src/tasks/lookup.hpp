#pragma once

#include <optional>
#include <string>
#include <vector>

#include "miroir/coordination/task_registry.hpp"
#include "node_part.hpp"

namespace miroir::tasks {

// Who made a node task, as `miroir:<uid>:<nonce>` in its customMetadata tells.
struct TaskMark {
    TaskUid uid = 0;
    std::string nonce;
    friend bool operator==(const TaskMark&, const TaskMark&) = default;
};
std::optional<TaskMark> parse_task_mark(const std::string& metadata);

// A node's newest tasks.
struct NodeTaskPage {
    struct Item {
        NodeTaskUid uid = 0;
        std::string index;  // physical uid; empty when the task is about none
        bool writes_documents = false;
        std::optional<TaskMark> mark;
    };
    std::vector<Item> items;  // ascending
    bool is_whole = false;    // the node has no older tasks
};

// `limit`: how many were asked for.
NodeTaskPage page_of(const NodeTasks& newest, std::size_t limit);

enum class Sighting {
    found,
    absent,        // not (all) there, though the page goes back to before they were sent
    out_of_reach,  // not (all) there, and the page does not go back so far
};

struct LookupAnswer {
    Sighting sighting = Sighting::absent;
    std::vector<NodeTaskUid> node_tasks;  // with found; ascending
    // Entries with a node task on the same index whose order is not that of the cluster's uids. Wrong where
    // both touch a shard.
    std::vector<TaskUid> inverted_with;
    // What may have been written to the copies before the node tasks is not all known: a write without a mark
    // (a repair) precedes them, or the page does not go back to the sending.
    bool order_unsure = false;
};

LookupAnswer look_up(const coordination::PartLookup& sought, const NodeTaskPage& page);

}  // namespace miroir::tasks
