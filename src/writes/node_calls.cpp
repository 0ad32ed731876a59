#include "miroir/http/router.hpp"
#include "miroir/writes/split.hpp"
#include "write_plan.hpp"

namespace miroir::writes {

namespace {

// Keeps what bodies are made from.
struct OwnedSplit {
    std::shared_ptr<WritePlan> plan;
    DocumentSplit split;
};

std::string path_of(const WritePlan& plan) {
    return "/indexes/" + plan.index->physical.str() + "/documents";
}

std::string metadata_of(const coordination::OpenEntry& entry) {
    return "customMetadata=miroir:" + std::to_string(entry.uid()) + ":" + entry.nonce();
}

// One routing target per node for its complete copies, and one for each incomplete copy.
struct Routes {
    struct To {
        std::size_t target = 0;  // of the plan
        std::optional<ShardId> incomplete;
    };
    Routing routing;
    std::vector<To> to;
};

Routes routes_of(const WritePlan& plan) {
    Routes routes;
    routes.routing.of_shard.resize(plan.index->shards);
    const auto add = [&](std::size_t target, std::optional<ShardId> incomplete) {
        routes.to.push_back({target, incomplete});
        return static_cast<std::uint32_t>(routes.to.size() - 1);
    };
    for (std::size_t i = 0; i < plan.targets.size(); ++i) {
        const auto node = add(i, std::nullopt);
        for (const auto shard : plan.targets[i].complete) {
            routes.routing.of_shard[shard].push_back(node);
        }
        for (const auto shard : plan.targets[i].incomplete) {
            routes.routing.of_shard[shard].push_back(add(i, shard));
        }
    }
    routes.routing.targets = static_cast<std::uint32_t>(routes.to.size());
    return routes;
}

std::vector<std::vector<NodeCallBody>> document_calls(const std::shared_ptr<WritePlan>& plan,
                                                      const coordination::OpenEntry& entry,
                                                      std::uint64_t bytes_max) {
    const auto routes = routes_of(*plan);
    auto owned = std::make_shared<OwnedSplit>(OwnedSplit{
        plan, DocumentSplit(*plan->write->batch, *plan->assignment, routes.routing, entry.uid(), bytes_max)});
    const auto target = path_of(*plan) + "?primaryKey=" + http::percent_encoded(*plan->index->primary_key) +
                        "&" + metadata_of(entry);
    std::vector<std::vector<NodeCallBody>> calls(plan->targets.size());
    for (std::uint32_t i = 0; i < owned->split.targets(); ++i) {
        for (const auto& part : owned->split.parts(i)) {
            NodeCallBody call;
            call.method = plan->write->kind == WriteKind::replace ? http::Method::post : http::Method::put;
            call.target = target + (plan->write->skip_creation ? "&skipCreation=true" : "");
            call.incomplete = plan->write->skip_creation ? std::nullopt : routes.to[i].incomplete;
            call.content_type = owned->split.content_type();
            call.source = owned->split.body(i, part);
            call.owned = owned;
            calls[routes.to[i].target].push_back(std::move(call));
        }
    }
    return calls;
}

std::vector<std::vector<NodeCallBody>> deletion_calls(const WritePlan& plan,
                                                      const coordination::OpenEntry& entry,
                                                      std::uint64_t bytes_max) {
    const auto routes = routes_of(plan);
    auto bodies = std::make_shared<std::vector<std::vector<std::string>>>(
        split_deletion(*plan.ids, *plan.assignment, routes.routing, bytes_max));
    std::vector<std::vector<NodeCallBody>> calls(plan.targets.size());
    for (std::size_t i = 0; i < bodies->size(); ++i) {
        for (const auto& body : (*bodies)[i]) {
            NodeCallBody call;
            call.target = path_of(plan) + "/delete-batch?" + metadata_of(entry);
            call.content_type = "application/json";
            call.body.emplace_back(body);
            call.owned = bodies;
            calls[routes.to[i].target].push_back(std::move(call));
        }
    }
    return calls;
}

}  // namespace

std::vector<std::vector<NodeCallBody>> node_calls(const std::shared_ptr<WritePlan>& plan,
                                                  const coordination::OpenEntry& entry,
                                                  std::uint64_t body_bytes_max) {
    if (plan->write->batch) {
        return document_calls(plan, entry, body_bytes_max);
    }
    if (plan->write->kind == WriteKind::delete_ids) {
        return deletion_calls(*plan, entry, body_bytes_max);
    }
    NodeCallBody call;
    call.target = path_of(*plan) + "?" + metadata_of(entry);
    call.method = http::Method::del;
    if (plan->write->kind == WriteKind::delete_filter) {
        call.method = http::Method::post;
        call.target = path_of(*plan) + "/delete?" + metadata_of(entry);
        call.content_type = "application/json";
        auto body = std::make_shared<std::string>("{\"filter\":" + plan->write->filter_json + "}");
        call.body.emplace_back(*body);
        call.owned = std::move(body);
    }
    std::vector<NodeCallBody> one;
    one.push_back(std::move(call));
    return std::vector<std::vector<NodeCallBody>>(plan->targets.size(), one);
}

}  // namespace miroir::writes
