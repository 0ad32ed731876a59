#include "canned_answers.hpp"

#include <algorithm>
#include <charconv>

#include "miroir/meili/markers.hpp"

namespace miroir::bench {

namespace {

constexpr const char* time_text = "\"2026-01-01T00:00:00.000000Z\"";
constexpr std::uint32_t shards = 16;

// Five steps down the list of all nodes' hits.
std::string details_of(const CannedOptions& options, std::uint32_t place) {
    const std::string words = R"({"words":{"order":0,"matchingWords":1,"maxMatchingWords":1,"score":1.0},)";
    const auto step = place * 5 / (options.hits * options.nodes);
    const std::string score = "0.9" + std::to_string(9 - step) + "39393939393939";
    if (!options.all_rules) {
        return words + R"("attributeRank":{"order":1,"score":)" + score + "}}";
    }
    return words + R"("typo":{"order":1,"typoCount":0,"maxTypoCount":1,"score":1.0},)" +
           R"("proximity":{"order":2,"score":1.0},"attributeRank":{"order":3,"score":1.0},)" +
           R"("wordPosition":{"order":4,"score":)" + score +
           R"(},"exactness":{"order":5,"matchType":"matchesStart","score":0.6666666666666666}})";
}

std::string hit(const CannedOptions& options, std::uint32_t index) {
    const auto place = index * options.nodes + options.node;
    return R"({"id":)" + std::to_string(place) + R"(,"title":"King Moon Song","_miroir_shard":")" +
           meili::shard_marker(static_cast<ShardId>(place % shards)) + R"(","_miroir_version":")" +
           meili::version_marker({1, place}) +
           R"(","_rankingScore":0.9848484848484849,"_rankingScoreDetails":)" + details_of(options, place) +
           "}";
}

std::string whole_answer(int status, std::string_view body) {
    const char* reason = status == 404 ? " Not Found" : status == 202 ? " Accepted" : " OK";
    std::string answer = "HTTP/1.1 " + std::to_string(status) + reason + "\r\ncontent-length: ";
    answer += std::to_string(body.size());
    answer +=
        "\r\nvary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers\r\n"
        "content-type: application/json\r\ndate: Thu, 01 Jan 2026 00:00:00 GMT\r\n\r\n";
    return answer.append(body);
}

// The value of a parameter of a query string.
std::string_view parameter(std::string_view query, std::string_view name) {
    while (!query.empty()) {
        const auto one = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(query.size(), one.size() + 1));
        if (one.starts_with(name) && one.substr(name.size()).starts_with('=')) {
            return one.substr(name.size() + 1);
        }
    }
    return {};
}

std::size_t number(std::string_view text, std::size_t otherwise) {
    std::size_t value = otherwise;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

std::string page_of(const std::vector<std::string>& items, std::string_view limit) {
    std::string list;
    for (const auto& item : items) {
        list += (list.empty() ? "" : ",") + item;
    }
    return "{\"results\":[" + list + "],\"offset\":0,\"limit\":" + std::string(limit.empty() ? "20" : limit) +
           ",\"total\":" + std::to_string(items.size()) + ",\"from\":null,\"next\":null}";
}

}  // namespace

std::string search_body(const CannedOptions& options) {
    std::string body = "{\"hits\":[";
    for (std::uint32_t i = 0; i < options.hits; ++i) {
        body += (i == 0 ? "" : ",") + hit(options, i);
    }
    return body + R"(],"query":"king","processingTimeMs":3,"limit":20,"offset":0,"estimatedTotalHits":)" +
           std::to_string(options.hits + 180) + R"(,"requestUid":"01a213d3-cfee-79a3-8d25-026597a5c855"})";
}

CannedAnswers::CannedAnswers(const CannedOptions& options)
    : search_answer_(whole_answer(200, search_body(options))) {}

const std::string& CannedAnswers::answer(std::string_view method, std::string_view target,
                                         std::string_view body) {
    if (method == "POST" && target.ends_with("/search")) {
        return search_answer_;
    }
    const auto path = target.substr(0, target.find('?'));
    const auto query = target.substr(std::min(target.size(), path.size() + 1));
    int status = 200;
    const auto text = route(method, path, query, body, status);
    answer_ = whole_answer(status, text);
    return answer_;
}

std::string CannedAnswers::route(std::string_view method, std::string_view path, std::string_view query,
                                 std::string_view body, int& status) {
    if (path == "/health") {
        return R"({"status":"available"})";
    }
    if (path == "/version") {
        return R"({"commitSha":"canned","commitDate":"2026-01-01","pkgVersion":"1.50.0"})";
    }
    if (path == "/tasks") {
        return tasks_page(query);
    }
    if (path.starts_with("/tasks/")) {
        const auto uid = number(path.substr(7), tasks_.size());
        return uid < tasks_.size() ? task_json(uid) : "{}";
    }
    if (path == "/indexes" && method == "POST") {
        constexpr std::string_view key = "\"uid\":\"";
        const auto start = std::min(body.find(key), body.size() - key.size()) + key.size();
        indexes_.emplace_back(body.substr(start, body.find('"', start) - start));
        status = 202;
        return accept("indexCreation", indexes_.back());
    }
    if (path == "/indexes") {
        std::vector<std::string> items;
        for (const auto& uid : indexes_) {
            items.push_back(index_json(uid));
        }
        return page_of(items, parameter(query, "limit"));
    }
    if (path.starts_with("/indexes/")) {
        const auto uid = path.substr(9, path.find('/', 9) - std::min<std::size_t>(9, path.size()));
        return route_index(method, uid, path.substr(9 + uid.size()), status);
    }
    status = 404;
    return "{}";
}

std::string CannedAnswers::route_index(std::string_view method, std::string_view uid, std::string_view rest,
                                       int& status) {
    if (method == "GET") {
        const bool known = rest.empty() && std::find(indexes_.begin(), indexes_.end(), uid) != indexes_.end();
        status = known ? 200 : 404;
        return known ? index_json(std::string(uid))
                     : R"({"message":"Index not found.","code":"index_not_found","type":"invalid_request"})";
    }
    status = 202;
    if (rest.starts_with("/documents")) {
        return accept("documentAdditionOrUpdate", uid);
    }
    return accept(rest.empty() ? "indexDeletion" : "settingsUpdate", uid);
}

std::string CannedAnswers::accept(std::string type, std::string_view index) {
    tasks_.push_back({std::move(type), std::string(index)});
    return "{\"taskUid\":" + std::to_string(tasks_.size() - 1) + ",\"indexUid\":\"" + tasks_.back().index +
           "\",\"status\":\"enqueued\",\"type\":\"" + tasks_.back().type + "\",\"enqueuedAt\":" + time_text +
           "}";
}

std::string CannedAnswers::task_json(std::size_t uid) const {
    const std::string time(time_text);
    return "{\"uid\":" + std::to_string(uid) + ",\"batchUid\":" + std::to_string(uid) + ",\"indexUid\":\"" +
           tasks_[uid].index + "\",\"status\":\"succeeded\",\"type\":\"" + tasks_[uid].type +
           "\",\"canceledBy\":null,\"details\":{},\"error\":null,\"duration\":\"PT0.001S\",\"enqueuedAt\":" +
           time + ",\"startedAt\":" + time + ",\"finishedAt\":" + time + "}";
}

std::string CannedAnswers::tasks_page(std::string_view query) const {
    std::vector<std::string> items;
    const auto limit = parameter(query, "limit");
    auto uids = parameter(query, "uids");
    const auto statuses = parameter(query, "statuses");
    if (!uids.empty()) {
        while (!uids.empty()) {
            const auto uid = number(uids, tasks_.size());
            uids.remove_prefix(std::min(uids.size(), std::min(uids.find(','), uids.size() - 1) + 1));
            if (uid < tasks_.size()) {
                items.push_back(task_json(uid));
            }
        }
    } else if (statuses.empty() || statuses.find("succeeded") != std::string_view::npos) {
        for (auto uid = tasks_.size(); uid > 0 && items.size() < number(limit, 20); --uid) {
            items.push_back(task_json(uid - 1));
        }
    }
    return page_of(items, limit);
}

std::string CannedAnswers::index_json(const std::string& uid) const {
    const std::string time(time_text);
    return "{\"uid\":\"" + uid + "\",\"createdAt\":" + time + ",\"updatedAt\":" + time +
           ",\"primaryKey\":\"id\"}";
}

}  // namespace miroir::bench
