#include "merge_order.hpp"

#include <algorithm>

namespace miroir::scatter {

StableMerge::StableMerge(std::vector<std::uint32_t> sizes, std::function<int(Place, Place)> order)
    : sizes_(std::move(sizes)), order_(std::move(order)) {
    for (std::uint32_t node = 0; node < sizes_.size(); ++node) {
        if (sizes_[node] > 0) {
            heap_.push_back({node, 0});
        }
    }
    std::make_heap(heap_.begin(), heap_.end(), [this](Place a, Place b) { return later(a, b); });
}

bool StableMerge::take() {
    const auto order = [this](Place a, Place b) { return later(a, b); };
    std::pop_heap(heap_.begin(), heap_.end(), order);
    auto& taken = heap_.back();
    if (++taken.index == sizes_[taken.node]) {
        heap_.pop_back();
        return false;
    }
    std::push_heap(heap_.begin(), heap_.end(), order);
    return true;
}

}  // namespace miroir::scatter
