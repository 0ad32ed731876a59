#pragma once

#include <map>
#include <string>

#include "miroir/coordination/task_registry.hpp"

namespace miroir::tasks {

// Tasks of one index end in the order of their uids, as on one engine: who waits for the last of them has
// seen the effect of all. Fed with one pass over the unfinished tasks, ascending.
class EndingOrder {
public:
    // False while an earlier task of the same index is open. A task of no single index is always in turn.
    bool in_turn(const coordination::TaskRecord& task) const {
        return !task.index_uid || !is_open_before(task.uid, *task.index_uid);
    }
    void stays_open(const coordination::TaskRecord& task) {
        if (task.index_uid) {
            oldest_.try_emplace(*task.index_uid, task.uid);
        }
    }
    bool is_open_before(TaskUid uid, const std::string& index) const {
        const auto found = oldest_.find(index);
        return found != oldest_.end() && found->second < uid;
    }

private:
    std::map<std::string, TaskUid> oldest_;
};

}  // namespace miroir::tasks
