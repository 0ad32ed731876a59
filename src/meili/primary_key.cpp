#include "miroir/meili/primary_key.hpp"

#include <algorithm>
#include <vector>

#include "document_scanner.hpp"
#include "member_name.hpp"
#include "miroir/meili/error.hpp"

namespace miroir::meili {
namespace {

constexpr std::string_view give_it =
    " Please specify the primary key manually using the `primaryKey` query parameter.";

bool ends_with_id(std::string_view name) {
    return name.size() >= 2 && (name[name.size() - 2] | 0x20) == 'i' && (name.back() | 0x20) == 'd';
}

}  // namespace

Result<std::string> infer_primary_key(std::string_view document) {
    std::vector<std::string> candidates;
    for (MemberWalker member(document); member.next();) {
        std::string name = plain_name(member.raw_name());
        if (ends_with_id(name)) {
            candidates.push_back(std::move(name));
        }
    }
    std::ranges::sort(candidates);
    candidates.erase(std::ranges::unique(candidates).begin(), candidates.end());
    if (candidates.empty()) {
        return error(
            "index_primary_key_no_candidate_found",
            "The primary key inference failed as the engine did not find any field ending with `id` in "
            "its name." +
                std::string(give_it));
    }
    if (candidates.size() > 1) {
        return error("index_primary_key_multiple_candidates_found",
                     "The primary key inference failed as the engine found " +
                         std::to_string(candidates.size()) + " fields ending with `id` in their names: '" +
                         candidates[0] + "' and '" + candidates[1] + "'." + std::string(give_it));
    }
    return std::move(candidates.front());
}

Result<std::optional<std::string>> choose_primary_key(const DocumentBatch& batch,
                                                      const std::optional<std::string>& of_index,
                                                      const std::optional<std::string>& requested) {
    if (of_index) {
        if (requested && *requested != *of_index && !batch.empty()) {
            return error("index_primary_key_already_exists",
                         "Index already has a primary key: `" + *of_index + "`.");
        }
        return of_index;
    }
    if (requested) {
        return requested;
    }
    if (batch.empty()) {
        return std::optional<std::string>();
    }
    auto inferred = infer_primary_key(batch[0]);
    if (!inferred) {
        return std::move(inferred).error();
    }
    return std::optional(std::move(inferred).value());
}

}  // namespace miroir::meili
