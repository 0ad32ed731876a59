#pragma once

#include <functional>
#include <vector>

#include "miroir/scatter/merge_search.hpp"

namespace miroir::scatter {

// Position of a hit: which answer, which place in it.
struct Place {
    std::uint32_t node = 0;
    std::uint32_t index = 0;
};

// Walks several sorted lists as one without ever changing the order inside a list.
class StableMerge {
public:
    // `order(a, b)`: negative when the hit at `a` goes before the one at `b`; ties go to the smaller node.
    StableMerge(std::vector<std::uint32_t> sizes, std::function<int(Place, Place)> order);

    bool done() const { return heap_.empty(); }
    Place next() const { return heap_.front(); }
    // Moves on. False when the list of the hit that was taken has now run out.
    bool take();

private:
    bool later(Place a, Place b) const {
        const int order = order_(a, b);
        return order > 0 || (order == 0 && a.node > b.node);
    }

    std::vector<std::uint32_t> sizes_;
    std::function<int(Place, Place)> order_;
    std::vector<Place> heap_;
};

}  // namespace miroir::scatter
