#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>

#include "node_hits.hpp"

namespace miroir::scatter {

// The engine's typo score divides by the largest typo count among the paths that its own corpus offers, so
// nodes may show different scores for equal matches. One Meilisearch would use the largest of all nodes,
// per group of hits that are equal up to the typo rule.
class TypoMaxima {
public:
    explicit TypoMaxima(std::span<const NodeHits> nodes);

    // The maximum to show instead of the node's own; empty when they agree.
    std::optional<std::uint32_t> better_for(OrderKeys keys) const;

private:
    void collect(std::span<const NodeHits> nodes);

    // By serialised keys before the typo rule; empty in the usual case that all nodes agree.
    std::map<std::string, std::uint32_t> maximum_;
};

// The `_rankingScore` that belongs to the hit when its typo maximum is `typo_max`; empty when it cannot be
// known, because a rule before typo hides its denominator.
std::optional<double> score_with(OrderKeys keys, double node_score, std::uint32_t typo_max);

}  // namespace miroir::scatter
