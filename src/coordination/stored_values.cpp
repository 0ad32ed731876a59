#include "miroir/coordination/stored_values.hpp"

#include <nlohmann/json.hpp>
#include <stdexcept>

namespace miroir::coordination {

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

std::string list_text(const std::vector<PlannedTarget>& targets) {
    Json json = Json::array();
    for (const auto& target : targets) json.push_back(Json::array({target.node.str(), target.shards}));
    return printed(json);
}

std::vector<std::uint32_t> numbers_in(const std::string& text) {
    return Json::parse(text).get<std::vector<std::uint32_t>>();
}

std::vector<std::string> texts_in(const std::string& text) {
    return Json::parse(text).get<std::vector<std::string>>();
}

std::vector<PlannedTarget> targets_in(const std::string& text) {
    std::vector<PlannedTarget> targets;
    for (const Json& target : Json::parse(text)) {
        targets.push_back(
            {NodeId(target.at(0).get<std::string>()), target.at(1).get<std::vector<ShardId>>()});
    }
    return targets;
}

const char* name_of(TargetResult result) {
    switch (result) {
        case TargetResult::acked:
            return "acked";
        case TargetResult::refused:
            return "refused";
        case TargetResult::unsent:
            return "unsent";
        case TargetResult::unknown:
            return "unknown";
    }
    return "unknown";
}

TaskStatus status_named(const std::string& name) {
    if (const auto status = task_status(name)) return *status;
    throw std::invalid_argument("unknown task status '" + name + "' in the coordination database");
}

std::optional<WallTime> time_of(std::optional<std::int64_t> us) {
    if (!us) return std::nullopt;
    return WallTime{*us};
}

std::optional<std::int64_t> us_of(std::optional<WallTime> time) {
    if (!time) return std::nullopt;
    return time->us;
}

}  // namespace miroir::coordination
