#include <algorithm>
#include <nlohmann/json.hpp>

#include "miroir/meili/markers.hpp"
#include "miroir/operations/node_calls.hpp"
#include "miroir/operations/repair.hpp"

namespace miroir::operations {

using nlohmann::ordered_json;
using Kind = NodeTaskResult::Kind;

namespace {

bool has_embedders(const cluster::IndexEntry& index) {
    const auto settings = ordered_json::parse(index.settings_json, nullptr, false);
    return settings.is_object() && settings.contains("embedders") && settings["embedders"].is_object() &&
           !settings["embedders"].empty();
}

std::vector<ShardId> only(ShardId shard) {
    return std::vector<ShardId>(1, shard);
}

}  // namespace

Async<std::optional<std::string>> Repair::fetch(std::shared_ptr<const Job> job, NodeId node,
                                                std::string body) {
    NodeCall call;
    call.target = "/indexes/" + job->index->physical.str() + "/documents/fetch";
    call.body = std::move(body);
    auto answer = co_await calls_.read(node, std::move(call));
    co_return answer;
}

Async<std::optional<CopyContent>> Repair::content(std::shared_ptr<const Job> job, NodeId node,
                                                  std::vector<std::string> ids) {
    ordered_json body{{"ids", ids},
                      {"limit", ids.size()},
                      {"filter", meili::shard_filter_clause(only(job->dirty.copy.shard))},
                      {"retrieveVectors", has_embedders(*job->index)}};
    const auto answer = co_await fetch(job, node, body.dump());
    if (!answer) {
        co_return std::nullopt;
    }
    CopyContent content;
    if (!job->index->primary_key) {
        co_return content;
    }
    const auto documents = read_fetched(*answer, *job->index->primary_key);
    if (!documents) {
        co_return std::nullopt;
    }
    for (const auto& document : documents.value()) {
        content[document.id] = document.print;
    }
    co_return content;
}

Async<std::optional<CopyContent>> Repair::whole_content(std::shared_ptr<const Job> job, NodeId node) {
    CopyContent content;
    if (!job->index->primary_key) {
        co_return content;
    }
    const std::size_t step = 1000;
    for (std::size_t offset = 0;; offset += step) {
        ordered_json body{{"offset", offset},
                          {"limit", step},
                          {"filter", meili::shard_filter_clause(only(job->dirty.copy.shard))},
                          {"retrieveVectors", has_embedders(*job->index)}};
        const auto answer = co_await fetch(job, node, body.dump());
        if (!answer) {
            co_return std::nullopt;
        }
        const auto documents = read_fetched(*answer, *job->index->primary_key);
        if (!documents) {
            co_return std::nullopt;
        }
        for (const auto& document : documents.value()) {
            content[document.id] = document.print;
        }
        if (documents.value().size() < step) {
            co_return content;
        }
    }
}

Async<bool> Repair::copy_documents(std::shared_ptr<const Job> job, NodeId from, NodeId to,
                                   std::vector<std::string> ids) {
    const std::size_t step = options_.documents_per_request;
    for (std::size_t begin = 0; begin < ids.size(); begin += step) {
        const auto end = std::min(begin + step, ids.size());
        std::vector<std::string> part(ids.begin() + static_cast<std::ptrdiff_t>(begin),
                                      ids.begin() + static_cast<std::ptrdiff_t>(end));
        ordered_json body{{"ids", part},
                          {"limit", part.size()},
                          {"filter", meili::shard_filter_clause(only(job->dirty.copy.shard))},
                          {"retrieveVectors", has_embedders(*job->index)}};
        const auto answer = co_await fetch(job, from, body.dump());
        if (!answer) {
            co_return false;
        }
        const auto documents = read_fetched(*answer, *job->index->primary_key);
        if (!documents) {
            co_return false;
        }
        NodeCall call;
        call.target =
            "/indexes/" + job->index->physical.str() + "/documents?primaryKey=" + *job->index->primary_key;
        call.body = "[";
        for (const auto& document : documents.value()) {
            call.body.append(call.body.size() == 1 ? "" : ",").append(document.bytes);
        }
        call.body += "]";
        const auto result = co_await calls_.send_and_wait(to, std::move(call));
        if (result.kind != Kind::succeeded) {
            co_return false;
        }
        copied_.add(static_cast<double>(documents.value().size()));
    }
    co_return true;
}

Async<bool> Repair::delete_documents(std::shared_ptr<const Job> job, std::vector<std::string> ids) {
    if (ids.empty()) {
        co_return true;
    }
    NodeCall call;
    call.target = "/indexes/" + job->index->physical.str() + "/documents/delete-batch";
    call.body = ordered_json(ids).dump();
    const auto result = co_await calls_.send_and_wait(job->target, std::move(call));
    deleted_.add(static_cast<double>(ids.size()));
    co_return result.kind == Kind::succeeded;
}

}  // namespace miroir::operations
