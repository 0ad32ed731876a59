#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "miroir/base/ids.hpp"

namespace miroir::tasks {

// Which of the background work that one replica does for all is this one's.
struct JobOwnership {
    ReplicaId self;
    // Rendezvous over the live replicas; empty: there is no other one.
    std::function<bool(std::string_view job)> is_mine;

    bool owns(std::string_view job) const { return !is_mine || is_mine(job); }
    // Work on a task is its replica's while that one lives.
    bool owns_task(TaskUid uid, const ReplicaId& replica, bool abandoned) const {
        return !is_mine || replica == self || (abandoned && is_mine("task " + std::to_string(uid)));
    }
};

}  // namespace miroir::tasks
