#pragma once

#include <map>
#include <optional>
#include <string>

#include "miroir/base/ids.hpp"

namespace miroir::operations {

// The control operations that are not complete, per logical index in the order of their uids. Only the first
// of an index runs. Not thread-safe.
class OperationQueue {
public:
    void add(const LogicalIndexUid& index, TaskUid uid, std::string operation);
    void remove(const LogicalIndexUid& index, TaskUid uid);

    // No operation of the index before `uid` is there.
    bool is_turn(const LogicalIndexUid& index, TaskUid uid) const;

    // The first after `uid` that makes it needless to finish a change of the settings: another one, or the
    // index's deletion.
    struct Successor {
        TaskUid uid = 0;
        bool changes_settings = false;
    };
    std::optional<Successor> successor(const LogicalIndexUid& index, TaskUid uid) const;

    // It runs from now on and can no longer be canceled.
    void begin(const LogicalIndexUid& index, TaskUid uid);
    // True when the operation was there and had not begun; the task that cancels it is remembered.
    bool cancel(TaskUid uid, TaskUid cancelation);
    std::optional<TaskUid> canceled_by(const LogicalIndexUid& index, TaskUid uid) const;

private:
    struct Item {
        std::string operation;
        bool begun = false;
        std::optional<TaskUid> canceled_by;
    };
    std::map<LogicalIndexUid, std::map<TaskUid, Item>> items_;
};

}  // namespace miroir::operations
