#include "lists.hpp"

#include <nlohmann/json.hpp>

namespace miroir::stores {

using Json = nlohmann::ordered_json;

namespace {

// Text that is not UTF-8 names nothing that exists: it may lose its bad bytes.
std::string printed(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::string list_text(const std::vector<std::uint32_t>& numbers) {
    return printed(Json(numbers));
}

std::string list_text(const std::vector<std::string>& texts) {
    return printed(Json(texts));
}

std::string list_text(const std::vector<coordination::PlannedTarget>& targets) {
    Json json = Json::array();
    for (const auto& target : targets) json.push_back(Json::array({target.node.str(), target.shards}));
    return printed(json);
}

std::vector<std::uint32_t> numbers_in(const std::string& text) {
    return Json::parse(text).get<std::vector<std::uint32_t>>();
}

std::vector<coordination::PlannedTarget> targets_in(const std::string& text) {
    std::vector<coordination::PlannedTarget> targets;
    for (const Json& target : Json::parse(text)) {
        targets.push_back(
            {NodeId(target.at(0).get<std::string>()), target.at(1).get<std::vector<ShardId>>()});
    }
    return targets;
}

}  // namespace miroir::stores
