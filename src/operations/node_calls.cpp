#include "miroir/operations/node_calls.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "miroir/runtime/concurrency.hpp"

namespace miroir::operations {

using nlohmann::ordered_json;
using Kind = NodeTaskResult::Kind;

namespace {

nodes::NodeRequest request_of(const NodeCall& call, std::shared_ptr<std::string>& body) {
    body = std::make_shared<std::string>(call.body);
    nodes::NodeRequest request;
    request.method = call.method;
    request.target = call.target;
    if (!body->empty()) {
        request.content_type = "application/json";
        request.body.emplace_back(*body);
    }
    request.keep_alive = body;
    request.repeatable = call.method == http::Method::get;
    return request;
}

}  // namespace

Async<SentCall> NodeCalls::send(NodeId node, NodeCall call) {
    SentCall sent;
    std::shared_ptr<std::string> body;
    auto request = request_of(call, body);
    const auto deadline = Deadline::in(timeout_);
    const auto reply = co_await nodes_.send(node, std::move(request), deadline);
    const auto* answer = std::get_if<nodes::NodeAnswer>(&reply);
    if (answer == nullptr) {
        co_return sent;
    }
    const auto parsed = ordered_json::parse(answer->body, nullptr, false);
    if (answer->status >= 400) {
        sent.kind = Kind::failed;
        sent.error_json = answer->body;
    } else if (parsed.is_object() && parsed.contains("taskUid")) {
        sent.kind = Kind::succeeded;
        sent.task = parsed["taskUid"].get<NodeTaskUid>();
    }
    co_return sent;
}

Async<NodeTaskResult> NodeCalls::wait(NodeId node, NodeTaskUid task) {
    NodeTaskResult result;
    result.task = task;
    std::chrono::milliseconds pause{5};
    for (;;) {
        NodeCall call;
        call.method = http::Method::get;
        call.target = "/tasks/" + std::to_string(task);
        const auto body = co_await read(node, std::move(call));
        if (!body) {
            co_return result;
        }
        const auto seen = ordered_json::parse(*body, nullptr, false);
        const auto status = seen.is_object() ? seen.value("status", "") : "";
        if (status == "succeeded" || status == "failed" || status == "canceled") {
            result.kind = status == "succeeded" ? Kind::succeeded : Kind::failed;
            result.details_json = seen.contains("details") ? seen["details"].dump() : "";
            result.error_json =
                seen.contains("error") && seen["error"].is_object() ? seen["error"].dump() : "";
            co_return result;
        }
        co_await runtime::sleep_for(pause);
        pause = std::min(pause * 3 / 2 + std::chrono::milliseconds(1), std::chrono::milliseconds(250));
    }
}

Async<NodeTaskResult> NodeCalls::send_and_wait(NodeId node, NodeCall call) {
    const auto sent = co_await send(node, std::move(call));
    if (sent.kind != Kind::succeeded) {
        NodeTaskResult result;
        result.kind = sent.kind;
        result.error_json = sent.error_json;
        co_return result;
    }
    auto result = co_await wait(node, sent.task);
    co_return result;
}

Async<std::optional<std::string>> NodeCalls::read(NodeId node, NodeCall call) {
    std::shared_ptr<std::string> body;
    auto request = request_of(call, body);
    request.repeatable = true;
    const auto deadline = Deadline::in(timeout_);
    auto reply = co_await nodes_.send(node, std::move(request), deadline);
    auto* answer = std::get_if<nodes::NodeAnswer>(&reply);
    if (answer == nullptr || answer->status != 200) {
        co_return std::nullopt;
    }
    co_return std::move(answer->body);
}

// The uid of the first task of a list page; -1 when it is empty; nothing when the node did not answer.
Async<std::optional<std::int64_t>> NodeCalls::first_task(NodeId node, std::string parameters) {
    NodeCall call;
    call.method = http::Method::get;
    call.target = "/tasks?limit=1&" + parameters;
    const auto body = co_await read(node, std::move(call));
    if (!body) {
        co_return std::nullopt;
    }
    const auto page = ordered_json::parse(*body, nullptr, false);
    if (!page.is_object() || !page.contains("results")) {
        co_return std::nullopt;
    }
    const auto& results = page["results"];
    co_return results.empty() ? std::int64_t{-1} : results[0].value("uid", std::int64_t{-1});
}

Async<bool> NodeCalls::wait_for_queue(NodeId node, PhysicalIndexUid index) {
    const auto newest = co_await first_task(node, "indexUids=" + index.str());
    if (!newest) {
        co_return false;
    }
    std::chrono::milliseconds pause{5};
    for (;;) {
        const auto oldest =
            co_await first_task(node, "reverse=true&statuses=enqueued,processing&indexUids=" + index.str());
        if (!oldest) {
            co_return false;
        }
        if (*oldest < 0 || *oldest > *newest) {
            co_return true;
        }
        co_await runtime::sleep_for(pause);
        pause = std::min(pause * 3 / 2 + std::chrono::milliseconds(1), std::chrono::milliseconds(250));
    }
}

}  // namespace miroir::operations
