#pragma once

#include <optional>

#include "devnode/ranking.hpp"

namespace miroir::devnode {

// The value of `document` a sort by `step` looks at.
Score sort_score(const RankingStep& step, const Document& document);
// Negative when `left` comes first.
int compare_sort(const RankingStep& step, const Score& left, const Score& right);

}  // namespace miroir::devnode
