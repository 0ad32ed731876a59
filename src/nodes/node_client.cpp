#include "miroir/nodes/node_client.hpp"

namespace miroir::nodes {

std::optional<NodeTaskUid> task_uid_of(const NodeAnswer& answer) {
    constexpr std::string_view key = "\"taskUid\":";
    const auto at = answer.body.find(key);
    if (at == std::string::npos) {
        return std::nullopt;
    }
    std::uint64_t uid = 0;
    std::size_t digits = 0;
    for (auto i = at + key.size(); i < answer.body.size() && answer.body[i] >= '0' && answer.body[i] <= '9';
         ++i) {
        uid = uid * 10 + static_cast<std::uint64_t>(answer.body[i] - '0');
        ++digits;
    }
    return digits > 0 && digits < 11 ? std::optional(static_cast<NodeTaskUid>(uid)) : std::nullopt;
}

}  // namespace miroir::nodes
