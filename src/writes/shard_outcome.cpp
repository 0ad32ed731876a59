#include "shard_outcome.hpp"

#include <algorithm>

namespace miroir::writes {

using coordination::TargetResult;

namespace {

std::string reason_of(const CopyOutcome& copy) {
    switch (copy.result) {
        case TargetResult::acked:
            return copy.was_dirty ? "was_dirty" : "not_accepted";
        case TargetResult::refused:
            return "refused";
        case TargetResult::unsent:
            return "unsent";
        case TargetResult::unknown:
            break;
    }
    return "unknown";
}

bool surely_without(const CopyOutcome& copy) {
    return !copy.partly && (copy.result == TargetResult::unsent || copy.result == TargetResult::refused);
}

// The one that the others are compared with; null when every copy is dirty and none took the write.
const CopyOutcome* choose_reference(const std::vector<CopyOutcome>& copies) {
    const auto rank = [](const CopyOutcome& copy) {
        const bool acked = copy.result == TargetResult::acked;
        if (!copy.clean) {
            return acked ? 1 : 0;
        }
        const int sure = acked && !copy.was_dirty ? 6 : surely_without(copy) ? 4 : 2;
        return sure + (copy.reachable ? 1 : 0);
    };
    const auto best =
        std::max_element(copies.begin(), copies.end(),
                         [&](const auto& left, const auto& right) { return rank(left) < rank(right); });
    return best == copies.end() || rank(*best) == 0 ? nullptr : &*best;
}

// Whether a copy that is not the reference may differ from it after the write.
bool differs(const CopyOutcome& copy, const CopyOutcome* reference) {
    const bool reference_lacks = reference != nullptr && surely_without(*reference);
    if (reference_lacks) {
        return !surely_without(copy);
    }
    const bool same = reference != nullptr && reference->result == TargetResult::acked &&
                      copy.result == TargetResult::acked && !copy.was_dirty && !reference->was_dirty;
    return !same;
}

}  // namespace

ShardOutcome shard_outcome(const std::vector<CopyOutcome>& copies) {
    ShardOutcome outcome;
    for (const auto& copy : copies) {
        const bool counts = copy.clean && !copy.was_dirty && copy.result == TargetResult::acked;
        outcome.clean_acks += counts ? 1U : 0U;
    }
    if (std::all_of(copies.begin(), copies.end(), surely_without)) {
        return outcome;
    }
    const auto* reference = choose_reference(copies);
    for (const auto& copy : copies) {
        if (&copy != reference && differs(copy, reference)) {
            outcome.faults.push_back(
                {copy.node, reason_of(copy), reference != nullptr ? reference->node : NodeId{}});
        }
    }
    return outcome;
}

}  // namespace miroir::writes
