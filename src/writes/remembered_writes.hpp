#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "miroir/base/ids.hpp"
#include "miroir/base/metrics.hpp"
#include "miroir/cluster/snapshot.hpp"
#include "miroir/meili/document_id.hpp"
#include "miroir/writes/shard_assignment.hpp"

namespace miroir::writes {

// Which ids the unfinished writes of this replica touch, so that a copy that misses one later is dirty by its
// ids and not as a whole. Bounded: over the limit nothing more is remembered.
class RememberedWrites {
public:
    struct Write {
        PhysicalIndexUid index;
        // Empty for writes to the whole index.
        std::shared_ptr<const meili::DocumentIds> ids;
        std::shared_ptr<const ShardAssignment> assignment;

        // Empty optional when it is not known which ids of this shard the write touches.
        std::optional<std::vector<std::string>> ids_in(ShardId shard) const {
            const bool known =
                assignment && shard < assignment->shards() && assignment->documents_in(shard) > 0;
            return known ? std::optional(ids_in_shard(*assignment, *ids, shard)) : std::nullopt;
        }
    };

    RememberedWrites(std::uint64_t ids_max, Metrics& metrics)
        : ids_max_(ids_max),
          held_ids_(metrics.gauge("miroir_remembered_ids",
                                  "Ids of documents in unfinished writes that are remembered.")),
          too_many_(metrics.counter("miroir_writes_not_remembered_total",
                                    "Writes whose ids were too many to be remembered.")) {}

    void add(TaskUid uid, Write write) {
        const std::uint64_t count = write.ids ? write.ids->size() : 0;
        if (held_ + count > ids_max_) {
            too_many_.add();
            return;
        }
        held_ += count;
        held_ids_.set(static_cast<double>(held_));
        writes_[uid] = {std::move(write), count};
    }

    void forget(TaskUid uid) {
        const auto found = writes_.find(uid);
        if (found != writes_.end()) {
            held_ -= found->second.second;
            held_ids_.set(static_cast<double>(held_));
            writes_.erase(found);
        }
    }

    const Write* find(TaskUid uid) const {
        const auto found = writes_.find(uid);
        return found == writes_.end() ? nullptr : &found->second.first;
    }

    // For the check of order: the last cluster task whose node task is known, per copy.
    struct LastSent {
        TaskUid cluster = 0;
        NodeTaskUid node = 0;
    };
    std::map<std::pair<std::pair<PhysicalIndexUid, ShardId>, NodeId>, LastSent> last_sent;

    // Forgets the copies of indexes that are gone. Looks for them when there are twice as many copies as
    // after the last time, so that it costs nothing.
    void forget_indexes_but(const cluster::Snapshot& snapshot) {
        if (last_sent.size() < sweep_at_) {
            return;
        }
        std::set<PhysicalIndexUid> known;
        for (const auto& [uid, index] : snapshot.indexes) {
            known.insert(index->physical);
        }
        std::erase_if(last_sent, [&](const auto& one) { return known.count(one.first.first.first) == 0; });
        sweep_at_ = std::max(sweep_at_min, 2 * last_sent.size());
    }

private:
    static constexpr std::size_t sweep_at_min = 1024;

    const std::uint64_t ids_max_;
    Gauge& held_ids_;
    Counter& too_many_;
    std::uint64_t held_ = 0;
    std::size_t sweep_at_ = sweep_at_min;
    std::map<TaskUid, std::pair<Write, std::uint64_t>> writes_;
};

}  // namespace miroir::writes
