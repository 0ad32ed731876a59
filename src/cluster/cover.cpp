#include "miroir/cluster/cover.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>
#include <utility>

#include "miroir/base/hash.hpp"
#include "node_set.hpp"

namespace miroir::cluster {

namespace {

// Nodes are named by their position in the topology.
struct Option {
    std::size_t node = 0;
    GroupId group = 0;
};

// The copies that may answer for one shard: all clean, or all dirty when no clean one is readable.
struct ShardOptions {
    ShardId shard = 0;
    std::vector<Option> options;
};

struct Assignment {
    std::vector<std::pair<ShardId, std::size_t>> nodes;
    std::size_t node_count = 0;
    std::size_t load_max = 0;
};

constexpr std::size_t no_node = static_cast<std::size_t>(-1);

class CoverChooser {
public:
    CoverChooser(const Snapshot& snapshot, const IndexEntry& index, const CoverRequest& request)
        : snapshot_(snapshot), index_(index), request_(request) {}

    Cover choose(const std::function<bool(const NodeId&)>& usable);

private:
    void find_readable_nodes(const std::function<bool(const NodeId&)>& usable);
    std::vector<ShardId> requested_shards() const;
    std::size_t position(const NodeId& node) const;
    std::vector<ShardOptions> find_options(const std::vector<ShardId>& shards, Cover& cover) const;
    Assignment assign(const std::vector<ShardOptions>& shards, GroupId group) const;
    std::pair<GroupId, Assignment> best_group(const std::vector<ShardOptions>& shards) const;

    const Snapshot& snapshot_;
    const IndexEntry& index_;
    const CoverRequest& request_;
    std::vector<char> readable_;
    // The order among equals for this request.
    std::vector<std::uint64_t> rank_;
};

void CoverChooser::find_readable_nodes(const std::function<bool(const NodeId&)>& usable) {
    for (const Node& node : snapshot_.topology.nodes) {
        const bool serves = node.state == NodeState::active || node.state == NodeState::draining;
        const bool readable =
            serves && !snapshot_.stale_settings.contains({index_.physical, node.id}) && usable(node.id);
        readable_.push_back(readable);
        rank_.push_back(readable ? mixed(request_.choice, xxh64(node.id.str())) : 0);
    }
}

std::vector<ShardId> CoverChooser::requested_shards() const {
    if (request_.only) {
        std::vector<ShardId> shards = *request_.only;
        std::sort(shards.begin(), shards.end());
        shards.erase(std::unique(shards.begin(), shards.end()), shards.end());
        return shards;
    }
    std::vector<ShardId> shards(index_.shards);
    std::iota(shards.begin(), shards.end(), ShardId{0});
    return shards;
}

std::size_t CoverChooser::position(const NodeId& node) const {
    const Node* found = snapshot_.topology.find(node);
    return found ? static_cast<std::size_t>(found - snapshot_.topology.nodes.data()) : no_node;
}

std::vector<ShardOptions> CoverChooser::find_options(const std::vector<ShardId>& shards, Cover& cover) const {
    std::vector<ShardOptions> all;
    all.reserve(shards.size());
    for (const ShardId shard : shards) {
        std::vector<Option> clean, dirty;
        if (shard < index_.placement.shards.size()) {
            clean.reserve(index_.placement.shards[shard].size());
            for (const Copy& copy : index_.placement.shards[shard]) {
                const std::size_t node = position(copy.node);
                if (copy.state != CopyState::active || node == no_node || !readable_[node]) continue;
                const bool is_dirty = snapshot_.is_dirty(index_.physical, shard, copy.node);
                (is_dirty ? dirty : clean).push_back({node, copy.group});
            }
        }
        if (clean.empty() && dirty.empty()) {
            cover.missing.push_back(shard);
            continue;
        }
        if (clean.empty()) cover.dirty.push_back(shard);
        all.push_back({shard, clean.empty() ? std::move(dirty) : std::move(clean)});
    }
    return all;
}

// The shards of which `group` has a copy, on few nodes or evenly over all of them.
Assignment CoverChooser::assign(const std::vector<ShardOptions>& shards, GroupId group) const {
    std::vector<ShardId> covered;
    std::vector<std::vector<std::size_t>> rows;
    covered.reserve(shards.size());
    rows.reserve(shards.size());
    for (const ShardOptions& shard : shards) {
        std::vector<std::size_t> nodes;
        nodes.reserve(shard.options.size());
        for (const Option& option : shard.options)
            if (option.group == group) nodes.push_back(option.node);
        if (nodes.empty()) continue;
        covered.push_back(shard.shard);
        rows.push_back(std::move(nodes));
    }
    if (request_.preference == CoverPreference::fewest) {
        const auto chosen = smallest_node_set(rows, request_.choice, rank_);
        for (auto& row : rows) {
            std::erase_if(row, [&](std::size_t node) {
                return !std::binary_search(chosen.begin(), chosen.end(), node);
            });
        }
    }

    // Shards without a choice first, so that the others even the load out.
    std::vector<std::size_t> order(rows.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t left, std::size_t right) {
        return rows[left].size() < rows[right].size();
    });
    std::vector<std::size_t> load(rank_.size(), 0);
    Assignment assignment;
    for (const std::size_t row : order) {
        const std::size_t node =
            *std::min_element(rows[row].begin(), rows[row].end(), [&](std::size_t left, std::size_t right) {
                return std::tie(load[left], rank_[left], left) < std::tie(load[right], rank_[right], right);
            });
        if (load[node]++ == 0) ++assignment.node_count;
        assignment.load_max = std::max(assignment.load_max, load[node]);
        assignment.nodes.emplace_back(covered[row], node);
    }
    return assignment;
}

// The group that answers for most of `shards`; among those the best one by the request's preference.
std::pair<GroupId, Assignment> CoverChooser::best_group(const std::vector<ShardOptions>& shards) const {
    std::map<GroupId, std::size_t> coverage;
    std::vector<GroupId> groups;
    for (const ShardOptions& shard : shards) {
        groups.clear();
        for (const Option& option : shard.options) {
            if (std::find(groups.begin(), groups.end(), option.group) == groups.end())
                groups.push_back(option.group);
        }
        for (const GroupId group : groups) ++coverage[group];
    }
    std::size_t coverage_max = 0;
    for (const auto& [group, count] : coverage) coverage_max = std::max(coverage_max, count);

    using Rating = std::tuple<std::size_t, std::uint64_t, GroupId>;
    std::optional<Rating> best_rating;
    std::pair<GroupId, Assignment> best;
    for (const auto& [group, count] : coverage) {
        if (count < coverage_max) continue;
        Assignment assignment = assign(shards, group);
        const bool few = request_.preference == CoverPreference::fewest;
        const std::size_t cost = few ? assignment.node_count : assignment.load_max;
        const Rating rating{cost, mixed(request_.choice, group), group};
        if (best_rating && *best_rating <= rating) continue;
        best_rating = rating;
        best = {group, std::move(assignment)};
    }
    return best;
}

Cover CoverChooser::choose(const std::function<bool(const NodeId&)>& usable) {
    find_readable_nodes(usable);
    Cover cover;
    std::vector<ShardOptions> open = find_options(requested_shards(), cover);
    while (!open.empty()) {
        const auto [group, assignment] = best_group(open);
        for (const auto& [shard, node] : assignment.nodes)
            cover.shards_by_node[snapshot_.topology.nodes[node].id].push_back(shard);
        std::erase_if(open, [group = group](const ShardOptions& shard) {
            return std::any_of(shard.options.begin(), shard.options.end(),
                               [group](const Option& option) { return option.group == group; });
        });
    }
    for (auto& [node, shards] : cover.shards_by_node) std::sort(shards.begin(), shards.end());
    return cover;
}

}  // namespace

Cover choose_cover(const Snapshot& snapshot, const IndexEntry& index, const CoverRequest& request,
                   const std::function<bool(const NodeId&)>& usable) {
    return CoverChooser(snapshot, index, request).choose(usable);
}

}  // namespace miroir::cluster
