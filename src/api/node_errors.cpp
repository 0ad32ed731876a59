#include "node_errors.hpp"

#include <algorithm>
#include <functional>

#include "miroir/meili/error.hpp"
#include "miroir/scatter/merge_errors.hpp"

namespace miroir::api {

std::optional<ApiError> settle_errors(std::vector<scatter::ShardAnswer>& answers,
                                      const cluster::IndexEntry& index,
                                      const scatter::ClientSettings& settings,
                                      const meili::FilterParameter* filter) {
    const auto failed = [](const scatter::ShardAnswer& one) { return one.answer.status >= 400; };
    std::vector<scatter::NodeError> errors;
    for (const auto& one : answers) {
        if (!failed(one)) {
            continue;
        }
        auto error = scatter::parse_node_error(one.answer.status, one.answer.body);
        if (!error) {
            return meili::error("miroir_shard_unavailable", "A node gave an answer that cannot be read.");
        }
        errors.push_back({one.answer.node, std::move(*error)});
    }
    if (errors.empty()) {
        return std::nullopt;
    }
    auto judged = scatter::judge_errors(
        std::move(errors),
        static_cast<std::size_t>(std::count_if(answers.begin(), answers.end(), std::not_fn(failed))), true);
    if (judged.verdict == scatter::Verdict::relay) {
        scatter::ErrorContext context;
        context.logical = index.logical;
        context.physical = index.physical;
        context.settings = &settings;
        context.filter = filter;
        return scatter::as_client_error(std::move(*judged.error), context);
    }
    if (judged.verdict == scatter::Verdict::disagree) {
        return meili::error("miroir_shard_unavailable", "The nodes disagree about the request. Retry later.");
    }
    answers.erase(std::remove_if(answers.begin(), answers.end(), failed), answers.end());
    return std::nullopt;
}

std::optional<NodeId> unreadable_error(const std::vector<scatter::ShardAnswer>& answers) {
    for (const auto& one : answers) {
        if (one.answer.status >= 400 && !scatter::parse_node_error(one.answer.status, one.answer.body)) {
            return one.answer.node;
        }
    }
    return std::nullopt;
}

namespace {

void append_shards(std::string& text, const char* name, const std::vector<ShardId>& shards) {
    if (shards.empty()) {
        return;
    }
    text += text.empty() ? "" : "; ";
    text += name;
    for (std::size_t i = 0; i < shards.size(); ++i) {
        text += (i == 0 ? "=" : ",") + std::to_string(shards[i]);
    }
}

}  // namespace

std::string degraded_text(const scatter::Scattered& scattered) {
    std::string text;
    append_shards(text, "shards", scattered.missing);
    append_shards(text, "dirty", scattered.dirty);
    return text;
}

bool not_made_yet(const cluster::Snapshot& snapshot, const cluster::IndexEntry& index) {
    if (index.settings_version > 1) {
        return false;
    }
    for (const auto& shard : index.placement.shards) {
        for (const auto& copy : shard) {
            if (snapshot.stale_settings.count({index.physical, copy.node}) == 0) {
                return false;
            }
        }
    }
    return true;
}

}  // namespace miroir::api
