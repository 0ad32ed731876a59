#include "miroir/operations/operation_queue.hpp"

#include <utility>

namespace miroir::operations {

void OperationQueue::add(const LogicalIndexUid& index, TaskUid uid, std::string operation) {
    items_[index][uid].operation = std::move(operation);
}

void OperationQueue::remove(const LogicalIndexUid& index, TaskUid uid) {
    const auto found = items_.find(index);
    if (found == items_.end()) {
        return;
    }
    found->second.erase(uid);
    if (found->second.empty()) {
        items_.erase(found);
    }
}

bool OperationQueue::is_turn(const LogicalIndexUid& index, TaskUid uid) const {
    const auto found = items_.find(index);
    return found == items_.end() || found->second.begin()->first >= uid;
}

std::optional<OperationQueue::Successor> OperationQueue::successor(const LogicalIndexUid& index,
                                                                   TaskUid uid) const {
    const auto found = items_.find(index);
    if (found == items_.end()) {
        return std::nullopt;
    }
    for (auto item = found->second.upper_bound(uid); item != found->second.end(); ++item) {
        const bool changes_settings = item->second.operation == "settings_update";
        const bool replaces = changes_settings || item->second.operation == "index_delete";
        if (replaces && !item->second.canceled_by) {
            return Successor{item->first, changes_settings};
        }
    }
    return std::nullopt;
}

void OperationQueue::begin(const LogicalIndexUid& index, TaskUid uid) {
    items_[index][uid].begun = true;
}

bool OperationQueue::cancel(TaskUid uid, TaskUid cancelation) {
    for (auto& [index, queue] : items_) {
        const auto item = queue.find(uid);
        if (item != queue.end() && !item->second.begun) {
            item->second.canceled_by = cancelation;
            return true;
        }
    }
    return false;
}

std::optional<TaskUid> OperationQueue::canceled_by(const LogicalIndexUid& index, TaskUid uid) const {
    const auto found = items_.find(index);
    if (found == items_.end()) {
        return std::nullopt;
    }
    const auto item = found->second.find(uid);
    return item == found->second.end() ? std::nullopt : item->second.canceled_by;
}

}  // namespace miroir::operations
