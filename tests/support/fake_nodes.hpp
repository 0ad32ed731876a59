#pragma once

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "miroir/meili/error.hpp"
#include "miroir/meili/settings.hpp"
#include "miroir/nodes/node_client.hpp"

namespace miroir::test {

using nlohmann::ordered_json;

// A request as a node was about to get it.
struct FakeCall {
    NodeId node;
    http::Method method = http::Method::get;
    std::string target;
    std::string body;

    std::string path() const { return target.substr(0, target.find('?')); }
    // The physical uid of `/indexes/{uid}/...`; empty elsewhere.
    std::string index() const {
        const std::string lead = "/indexes/";
        const auto p = path();
        return p.starts_with(lead) ? p.substr(lead.size(), p.find('/', lead.size()) - lead.size()) : "";
    }
    // A parameter of the query, as it is written; empty without it.
    std::string parameter(const std::string& name) const {
        const auto query = "&" + target.substr(std::min(target.size(), path().size() + 1));
        const auto found = query.find("&" + name + "=");
        const auto begin = found + name.size() + 2;
        return found == std::string::npos ? "" : query.substr(begin, query.find('&', begin) - begin);
    }
    bool writes_documents() const {
        return method != http::Method::get && path().find("/documents") != std::string::npos &&
               !path().ends_with("/fetch");
    }
};

// What becomes of one call.
struct FakeReaction {
    enum class Reply { answer, refuse, fail, garbage, task_fails };
    Reply reply = Reply::answer;
    // With fail and garbage: whether the node did what it was asked for.
    bool applied = false;
    nodes::FailureKind failure = nodes::FailureKind::not_connected;
    int status = 400;
    std::string text;  // of refuse and task_fails: the error; of garbage: the body
    int turns = 0;     // of the event loop until the node acts

    static FakeReaction unsent() { return {Reply::fail, false, nodes::FailureKind::not_connected, 0, "", 0}; }
    static FakeReaction lost(bool applied) {
        return {Reply::fail, applied, nodes::FailureKind::interrupted, 0, "", 0};
    }
    static FakeReaction garbage(bool applied, std::string body) {
        return {Reply::garbage, applied, nodes::FailureKind::bad_answer, 202, std::move(body), 0};
    }
    static FakeReaction refuse(int status, std::string error) {
        return {Reply::refuse, false, nodes::FailureKind::bad_answer, status, std::move(error), 0};
    }
    static FakeReaction task_fails(std::string error) {
        return {Reply::task_fails, false, nodes::FailureKind::bad_answer, 202, std::move(error), 0};
    }
};

struct FakeIndex {
    std::string settings = meili::default_settings_json();
    std::map<std::string, ordered_json> documents;
};

struct FakeNode {
    struct Task {
        std::string status = "succeeded";
        std::string error;
        std::string index;
        std::string type;
        std::string metadata;
    };
    std::map<std::string, FakeIndex> indexes;
    std::vector<Task> tasks;
    bool away = false;
};

// Nodes in memory that work off every task at once. `react` decides what becomes of each call.
class FakeNodes : public nodes::NodeClient {
public:
    std::function<FakeReaction(const FakeCall&)> react;
    // Awaited before a node sees a call.
    std::function<Async<void>(const FakeCall&)> before;
    // The body of a search's answer; without it there are no hits.
    std::function<std::string(const FakeCall&)> search_answer;
    std::map<NodeId, FakeNode> by_id;
    std::vector<FakeCall> calls;

    Async<nodes::NodeReply> send(NodeId node, nodes::NodeRequest request, Deadline) override {
        FakeCall call;
        call.node = node;
        call.method = request.method;
        call.target = request.target;
        for (const auto piece : request.body) call.body += piece;
        if (request.source) {
            request.source->rewind();
            for (auto piece = request.source->next(); !piece.empty(); piece = request.source->next()) {
                call.body += piece;
            }
        }
        calls.push_back(call);
        if (before) co_await before(call);
        if (by_id[node].away) co_return failure(node, nodes::FailureKind::breaker_open);
        const auto reaction = react ? react(call) : FakeReaction{};
        const auto executor = co_await asio::this_coro::executor;
        for (int i = 0; i < reaction.turns; ++i) co_await asio::post(executor, asio::use_awaitable);
        co_return reply_of(call, reaction);
    }

    bool usable(const NodeId& node) const override {
        const auto found = by_id.find(node);
        return found != by_id.end() && !found->second.away;
    }

    std::vector<FakeCall> document_writes() const {
        std::vector<FakeCall> writes;
        for (const auto& call : calls) {
            if (call.writes_documents()) writes.push_back(call);
        }
        return writes;
    }

private:
    using Answer = std::pair<int, std::string>;

    static nodes::NodeReply failure(const NodeId& node, nodes::FailureKind kind) {
        return nodes::NodeFailure{node, kind, "as the test wants it"};
    }

    static nodes::NodeReply answer(const NodeId& node, Answer given) {
        given.second.reserve(given.second.size() + 64);
        return nodes::NodeAnswer{node, given.first, std::move(given.second)};
    }

    nodes::NodeReply reply_of(const FakeCall& call, const FakeReaction& reaction) {
        using Reply = FakeReaction::Reply;
        auto& node = by_id[call.node];
        switch (reaction.reply) {
            case Reply::answer:
                break;
            case Reply::refuse:
                return answer(call.node, {reaction.status, reaction.text});
            case Reply::fail:
                if (reaction.applied) act(node, call);
                return failure(call.node, reaction.failure);
            case Reply::garbage:
                if (reaction.applied) act(node, call);
                return answer(call.node, {reaction.status, reaction.text});
            case Reply::task_fails:
                return answer(call.node, task(node, call, {"failed", reaction.text, "", "", ""}));
        }
        return answer(call.node, act(node, call));
    }

    static Answer task(FakeNode& node, const FakeCall& call, FakeNode::Task one = {}) {
        one.index = call.index();
        one.type = call.writes_documents() ? "documentAdditionOrUpdate" : "settingsUpdate";
        one.metadata = call.parameter("customMetadata");
        node.tasks.push_back(std::move(one));
        return {202, ordered_json{{"taskUid", node.tasks.size() - 1}, {"status", "enqueued"}}.dump()};
    }

    static ordered_json task_object(const FakeNode& node, std::size_t uid) {
        const auto& one = node.tasks.at(uid);
        ordered_json object{{"uid", uid}, {"status", one.status}, {"details", ordered_json::object()}};
        object["indexUid"] = one.index;
        object["type"] = one.type;
        if (!one.metadata.empty()) object["customMetadata"] = one.metadata;
        object["error"] = one.error.empty() ? ordered_json() : ordered_json::parse(one.error);
        return object;
    }

    Answer act(FakeNode& node, const FakeCall& call) {
        const auto path = call.path();
        if (path.starts_with("/tasks")) return tasks(node, call);
        if (path == "/indexes" && call.method == http::Method::get) {
            auto results = ordered_json::array();
            for (const auto& [uid, index] : node.indexes) results.push_back({{"uid", uid}});
            return {200, ordered_json{{"results", results}}.dump()};
        }
        if (path == "/indexes") {
            node.indexes.try_emplace(ordered_json::parse(call.body)["uid"].get<std::string>());
            return task(node, call);
        }
        if (path == "/stats") return {200, R"({"databaseSize":1,"usedDatabaseSize":1})"};
        const auto found = node.indexes.find(call.index());
        if (path.ends_with("/documents") && call.method != http::Method::get) {
            return documents(node, call);
        }
        if (path.ends_with("/delete-batch")) return documents(node, call);
        if (found == node.indexes.end()) {
            return {404, meili::to_json(meili::index_not_found(call.index()))};
        }
        if (path.ends_with("/settings")) return settings(node, found->second, call);
        if (path.ends_with("/stats")) return {200, R"({"numberOfDocuments":0,"fieldDistribution":{}})"};
        if (path.ends_with("/fetch")) return {200, fetched(found->second, call)};
        if (path.ends_with("/search")) {
            const std::string none =
                R"({"hits":[],"query":"","processingTimeMs":1,"limit":20,"offset":0,"estimatedTotalHits":0})";
            return {200, search_answer ? search_answer(call) : none};
        }
        if (call.method == http::Method::get) return {200, ordered_json{{"uid", call.index()}}.dump()};
        if (call.method == http::Method::del) node.indexes.erase(found);
        return task(node, call);
    }

    static Answer tasks(const FakeNode& node, const FakeCall& call) {
        const std::string lead = "/tasks/";
        if (call.path().starts_with(lead)) {
            return {200, task_object(node, std::stoul(call.path().substr(lead.size()))).dump()};
        }
        auto results = ordered_json::array();
        const auto uids = "," + call.parameter("uids") + ",";
        const auto limit = call.parameter("limit").empty() ? 20 : std::stoul(call.parameter("limit"));
        for (std::size_t i = node.tasks.size(); i > 0 && results.size() < limit; --i) {
            const bool asked = uids == ",," || uids.find("," + std::to_string(i - 1) + ",") < uids.size();
            const auto& status = node.tasks[i - 1].status;
            const bool ended = status != "enqueued" && status != "processing";
            if (!asked || (ended && call.parameter("statuses").starts_with("enqueued"))) continue;
            results.push_back(task_object(node, i - 1));
        }
        return {200, ordered_json{{"results", results}}.dump()};
    }

    static Answer settings(FakeNode& node, FakeIndex& index, const FakeCall& call) {
        if (call.method == http::Method::get) return {200, meili::shown_settings_json(index.settings)};
        index.settings = meili::apply(index.settings, meili::parse_settings(call.body).value());
        return task(node, call);
    }

    static std::string text_of(const ordered_json& id) {
        return id.is_string() ? id.get<std::string>() : id.dump();
    }

    static Answer documents(FakeNode& node, const FakeCall& call) {
        auto& kept = node.indexes[call.index()].documents;
        if (call.method == http::Method::del) {
            kept.clear();
            return task(node, call);
        }
        for (const auto& one : ordered_json::parse(call.body)) {
            if (call.path().ends_with("/delete-batch")) {
                kept.erase(text_of(one));
                continue;
            }
            const auto id = text_of(one["id"]);
            const bool skip = call.target.find("skipCreation=true") != std::string::npos;
            if (skip && kept.count(id) == 0) continue;
            if (call.method == http::Method::post) kept[id] = ordered_json::object();
            kept[id].update(one);
        }
        return task(node, call);
    }

    // The documents of the shards that the filter names.
    static std::string fetched(const FakeIndex& index, const FakeCall& call) {
        const auto asked = ordered_json::parse(call.body);
        auto results = ordered_json::array();
        std::size_t total = 0;
        for (const auto& [id, document] : index.documents) {
            if (call.body.find(document["_miroir_shard"].get<std::string>()) == std::string::npos) continue;
            if (asked.contains("ids") &&
                asked["ids"].dump().find(ordered_json(id).dump()) == std::string::npos)
                continue;
            ++total;
            if (results.size() < asked.value("limit", 20U)) results.push_back(document);
        }
        return ordered_json{{"results", results}, {"offset", 0}, {"limit", 20}, {"total", total}}.dump();
    }
};

}  // namespace miroir::test
