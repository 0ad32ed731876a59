#include "miroir/operations/copy_difference.hpp"

namespace miroir::operations {

CopyDifference follow_reference(const CopyContent& reference, const CopyContent& target) {
    CopyDifference difference;
    for (const auto& [id, print] : reference) {
        const auto other = target.find(id);
        if (other == target.end() || other->second != print) {
            difference.copy_to_target.push_back(id);
        }
    }
    for (const auto& [id, print] : target) {
        if (reference.count(id) == 0) {
            difference.delete_on_target.push_back(id);
        }
    }
    return difference;
}

CopyDifference meet_halfway(const CopyContent& reference, const CopyContent& target) {
    CopyDifference difference;
    for (const auto& [id, print] : reference) {
        const auto other = target.find(id);
        if (other == target.end() || other->second.version < print.version ||
            (other->second.version == print.version && other->second != print)) {
            difference.copy_to_target.push_back(id);
        } else if (other->second.version > print.version) {
            difference.copy_to_reference.push_back(id);
        }
    }
    for (const auto& [id, print] : target) {
        if (reference.count(id) == 0) {
            difference.copy_to_reference.push_back(id);
        }
    }
    return difference;
}

}  // namespace miroir::operations
