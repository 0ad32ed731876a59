#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace miroir::cluster {

// Shards of a new index whose uid matches; '*' stands for any text.
struct IndexDefault {
    std::string pattern;
    std::uint32_t shards = 0;
    friend bool operator==(const IndexDefault&, const IndexDefault&) = default;
};

// Of the first pattern that matches the whole uid; `otherwise` when none does.
std::uint32_t shards_of_new(std::string_view uid, const std::vector<IndexDefault>& defaults,
                            std::uint32_t otherwise);

}  // namespace miroir::cluster
