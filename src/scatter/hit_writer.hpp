#pragma once

#include <string>

#include "node_hits.hpp"
#include "typo_maxima.hpp"

namespace miroir::scatter {

// Prints hits as the client sees them: the node's bytes, without what it did not ask for.
class HitWriter {
public:
    HitWriter(const NodeSearch& search, const TypoMaxima& maxima) : search_(search), maxima_(maxima) {}

    void write(std::string& out, const NodeHits& node, const Hit& hit) const;

private:
    bool copies_details(OrderKeys keys) const;
    void write_details(std::string& out, OrderKeys keys, std::optional<std::uint32_t> typo_max) const;
    bool hides(const OrderKey& key) const;

    const NodeSearch& search_;
    const TypoMaxima& maxima_;
};

}  // namespace miroir::scatter
