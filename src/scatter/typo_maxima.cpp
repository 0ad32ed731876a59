#include "typo_maxima.hpp"

#include <algorithm>
#include <cmath>

namespace miroir::scatter {
namespace {

using Rule = OrderKey::Rule;

const OrderKey* typo_of(OrderKeys keys) {
    const auto found =
        std::find_if(keys.begin(), keys.end(), [](auto& key) { return key.rule == Rule::typo; });
    return found == keys.end() ? nullptr : &*found;
}

void append_number(std::string& out, double number) {
    out.append(reinterpret_cast<const char*>(&number), sizeof number);
}

std::string group_of(OrderKeys keys, const OrderKey* typo) {
    std::string out;
    for (const auto* key = keys.data(); key != typo; ++key) {
        out += static_cast<char>(key->rule);
        out += static_cast<char>(key->kind);
        append_number(out, key->cost);
        append_number(out, key->second_cost);
        out.append(key->text).append(1, '\0');
    }
    return out;
}

bool all_agree(std::span<const NodeHits> nodes) {
    // Dropped words fit here in all but absurd queries; those take the exact way.
    std::array<std::uint32_t, 64> maximum{};
    for (const auto& node : nodes) {
        for (const auto& hit : node.hits) {
            const auto keys = node.keys_of(hit);
            const auto* typo = typo_of(keys);
            if (!typo) {
                continue;
            }
            const auto index = typo - keys.data();
            const bool only_words = index == 0 || (index == 1 && keys[0].rule == Rule::words);
            const double dropped = index == 0 ? 0 : keys[0].cost;
            if (!only_words || dropped < 0 || dropped >= static_cast<double>(maximum.size())) {
                return false;
            }
            auto& known = maximum[static_cast<std::size_t>(dropped)];
            if (known != 0 && known != typo->count_max + 1) {
                return false;
            }
            known = typo->count_max + 1;
        }
    }
    return true;
}

struct Fraction {
    std::uint64_t above = 0;
    std::uint64_t below = 1;
};

// The simplest fraction whose quotient is exactly `value`, in (0, 1].
std::optional<Fraction> fraction_of(double value) {
    constexpr std::uint64_t below_max = 1ULL << 26;
    if (!(value > 0 && value <= 1)) {
        return std::nullopt;
    }
    std::uint64_t previous_above = 1;
    std::uint64_t previous_below = 0;
    std::uint64_t above = 0;
    std::uint64_t below = 1;
    double rest = value;
    for (int step = 0; step < 40; ++step) {
        if (static_cast<double>(above) / static_cast<double>(below) == value) {
            return Fraction{above, below};
        }
        rest = 1 / rest;
        const double whole = std::floor(rest);
        if (!(whole < static_cast<double>(below_max))) {
            return std::nullopt;
        }
        rest -= whole;
        const auto digit = static_cast<std::uint64_t>(whole);
        const auto next_above = digit * above + previous_above;
        const auto next_below = digit * below + previous_below;
        if (next_below > below_max) {
            return std::nullopt;
        }
        previous_above = std::exchange(above, next_above);
        previous_below = std::exchange(below, next_below);
    }
    return std::nullopt;
}

}  // namespace

TypoMaxima::TypoMaxima(std::span<const NodeHits> nodes) {
    if (nodes.size() > 1 && !all_agree(nodes)) {
        collect(nodes);
    }
}

void TypoMaxima::collect(std::span<const NodeHits> nodes) {
    for (const auto& node : nodes) {
        for (const auto& hit : node.hits) {
            const auto keys = node.keys_of(hit);
            if (const auto* typo = typo_of(keys)) {
                auto& known = maximum_[group_of(keys, typo)];
                known = std::max(known, typo->count_max);
            }
        }
    }
}

std::optional<std::uint32_t> TypoMaxima::better_for(OrderKeys keys) const {
    if (maximum_.empty()) {
        return std::nullopt;
    }
    const auto* typo = typo_of(keys);
    if (!typo) {
        return std::nullopt;
    }
    const auto found = maximum_.find(group_of(keys, typo));
    if (found == maximum_.end() || found->second <= typo->count_max) {
        return std::nullopt;
    }
    return found->second;
}

// The score is ((w - 1) T + t - 1 + x) / (W T), where w/W is the words rule's rank, t/T the typo rule's and x
// what all later rules make together. Only t and T change, so x is taken out exactly, as a fraction.
std::optional<double> score_with(OrderKeys keys, double node_score, std::uint32_t typo_max) {
    std::uint64_t words = 1;
    std::uint64_t words_max = 1;
    const auto* typo = typo_of(keys);
    if (!typo) {
        return std::nullopt;
    }
    for (const auto* key = keys.data(); key != typo; ++key) {
        if (key->rule == Rule::words) {
            words = key->count;
            words_max = key->count_max;
        } else if (key->rule != Rule::sort && key->rule != Rule::geo) {
            return std::nullopt;
        }
    }
    const auto score = fraction_of(node_score);
    if (!score || words == 0 || words_max > 1000 || typo_max > 10'000 || typo->count > typo->count_max) {
        return std::nullopt;
    }
    const auto leading = [&](std::uint64_t max) { return (words - 1) * (max + 1) + max - typo->count; };
    const auto whole = score->above * words_max * (typo->count_max + 1ULL);
    const auto before = leading(typo->count_max) * score->below;
    if (whole < before) {
        return std::nullopt;
    }
    const auto rest = whole - before;
    const auto above = leading(typo_max) * score->below + rest;
    const auto below = score->below * words_max * (typo_max + 1ULL);
    return static_cast<double>(above) / static_cast<double>(below);
}

}  // namespace miroir::scatter
