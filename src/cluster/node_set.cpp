#include "node_set.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace miroir::cluster {

namespace {

using Rows = std::vector<std::vector<std::size_t>>;

constexpr std::size_t exact_nodes_max = 12;

bool names_one_of(const std::vector<std::size_t>& row, const std::set<std::size_t>& nodes) {
    return std::any_of(row.begin(), row.end(), [&](std::size_t node) { return nodes.contains(node); });
}

// Each row as a set of bits over `nodes`; equal rows once.
std::vector<std::uint32_t> bit_rows(const Rows& rows, const std::vector<std::size_t>& nodes) {
    std::vector<std::uint32_t> bits;
    for (const auto& row : rows) {
        std::uint32_t mask = 0;
        for (const std::size_t node : row) {
            const auto at = std::lower_bound(nodes.begin(), nodes.end(), node);
            mask |= 1U << static_cast<unsigned>(at - nodes.begin());
        }
        bits.push_back(mask);
    }
    std::sort(bits.begin(), bits.end());
    bits.erase(std::unique(bits.begin(), bits.end()), bits.end());
    return bits;
}

// All smallest sets of bits that hit every mask, ascending.
std::vector<std::uint32_t> smallest_hitting_sets(const std::vector<std::uint32_t>& masks, std::size_t bits) {
    const std::uint32_t end = 1U << bits;
    for (std::size_t size = 1; size <= bits; ++size) {
        std::vector<std::uint32_t> found;
        std::uint32_t set = (1U << size) - 1;
        while (set < end) {
            if (std::all_of(masks.begin(), masks.end(), [&](std::uint32_t mask) { return mask & set; }))
                found.push_back(set);
            // The next larger number with as many bits.
            const std::uint32_t lowest = set & (~set + 1);
            const std::uint32_t ripple = set + lowest;
            set = (((ripple ^ set) >> 2) / lowest) | ripple;
        }
        if (!found.empty()) return found;
    }
    return {};
}

void add_greedily(Rows rows, const std::vector<std::uint64_t>& rank, std::set<std::size_t>& chosen) {
    while (!rows.empty()) {
        std::vector<std::size_t> hits(rank.size(), 0);
        for (const auto& row : rows)
            for (const std::size_t node : row) ++hits[node];
        std::size_t best = 0;
        for (std::size_t node = 1; node < hits.size(); ++node) {
            if (hits[node] > hits[best] || (hits[node] == hits[best] && rank[node] < rank[best])) best = node;
        }
        chosen.insert(best);
        std::erase_if(rows,
                      [&](const auto& row) { return std::find(row.begin(), row.end(), best) != row.end(); });
    }
}

}  // namespace

std::uint64_t mixed(std::uint64_t value, std::uint64_t salt) {
    std::uint64_t bits = value + (salt + 1) * 0x9e3779b97f4a7c15ULL;
    bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9ULL;
    bits = (bits ^ (bits >> 27)) * 0x94d049bb133111ebULL;
    return bits ^ (bits >> 31);
}

std::vector<std::size_t> smallest_node_set(const Rows& rows, std::uint64_t choice,
                                           const std::vector<std::uint64_t>& rank) {
    std::set<std::size_t> chosen;
    for (const auto& row : rows)
        if (row.size() == 1) chosen.insert(row.front());

    Rows open;
    for (const auto& row : rows)
        if (!names_one_of(row, chosen)) open.push_back(row);
    // Many shards have the same owners.
    std::sort(open.begin(), open.end());
    open.erase(std::unique(open.begin(), open.end()), open.end());
    std::set<std::size_t> undecided;
    for (const auto& row : open) undecided.insert(row.begin(), row.end());

    if (undecided.size() > exact_nodes_max) {
        add_greedily(std::move(open), rank, chosen);
    } else if (!open.empty()) {
        const std::vector<std::size_t> nodes(undecided.begin(), undecided.end());
        const auto sets = smallest_hitting_sets(bit_rows(open, nodes), nodes.size());
        const std::uint32_t picked = sets[mixed(choice, 1) % sets.size()];
        for (std::size_t bit = 0; bit < nodes.size(); ++bit)
            if (picked & (1U << bit)) chosen.insert(nodes[bit]);
    }
    return {chosen.begin(), chosen.end()};
}

}  // namespace miroir::cluster
