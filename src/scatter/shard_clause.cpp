#include "miroir/scatter/search_plan.hpp"

#include <array>

namespace miroir::scatter {
namespace {

// The engine's tokenizer takes these for separators, so no query matches a marker; ascending code points.
constexpr std::array<std::string_view, 16> digits = {"∔", "∖", "∗", "∘", "∙", "√", "∝", "∟",
                                                     "∠", "∧", "∨", "∩", "∪", "∴", "∵", "∷"};

}  // namespace

std::string shard_clause(const std::vector<ShardId>& shards) {
    std::string out = "\"_miroir_shard\" IN [";
    for (std::size_t i = 0; i < shards.size(); ++i) {
        out += i == 0 ? "\"" : ", \"";
        for (int shift = 12; shift >= 0; shift -= 4) {
            out += digits[(shards[i] >> shift) & 15];
        }
        out += '"';
    }
    return out + "]";
}

}  // namespace miroir::scatter
