#include "miroir/api/settings_handler.hpp"

#include "miroir/api/shielded.hpp"
#include "miroir/meili/content_type.hpp"
#include "miroir/meili/error.hpp"
#include "miroir/meili/index_uid.hpp"
#include "miroir/meili/settings.hpp"
#include "node_errors.hpp"
#include "settings_state.hpp"

namespace miroir::api {

SettingsHandler::SettingsHandler(const membership::SnapshotKeeper& snapshots,
                                 operations::ControlOperations& operations, Executor control)
    : snapshots_(snapshots), operations_(operations), control_(std::move(control)) {}

Async<Result<http::Response>> SettingsHandler::get(http::Request request, std::string key) {
    const auto& uid = request.path_parameter("uid");
    const auto valid = meili::check_index_uid(uid);
    if (!valid) {
        co_return valid.error();
    }
    const auto floor = settings_floor(request);
    if (!floor) {
        co_return floor.error();
    }
    const auto snapshot = snapshots_.current();
    const auto index = snapshot->find(LogicalIndexUid(uid));
    if (!index || not_made_yet(*snapshot, *index)) {
        co_return meili::index_not_found(uid);
    }
    const auto floor_met = check_settings_floor(*snapshot, *index, floor.value());
    if (!floor_met) {
        co_return floor_met.error();
    }
    auto response = http::json_response(key.empty() ? meili::shown_settings_json(index->settings_json)
                                                    : meili::sub_setting_json(index->settings_json, key));
    add_settings_headers(response, settings_state(*snapshot, *snapshot, *index));
    co_return response;
}

Async<Result<http::Response>> SettingsHandler::submit(std::string uid, std::string change_json,
                                                      std::string details_json, bool may_create,
                                                      std::optional<coordination::TaskClaim> claim) {
    operations::ControlRequest operation;
    operation.operation = "settings_update";
    operation.index = LogicalIndexUid(uid);
    operation.body = "{\"change\":" + change_json + ",\"mayCreate\":" + (may_create ? "true}" : "false}");
    operation.task.type = "settingsUpdate";
    operation.task.index_uid = uid;
    operation.task.details_json = std::move(details_json);
    operation.task.claim = std::move(claim);
    auto call = operations_.submit(std::move(operation));
    const auto submitted = co_await shielded_on(control_, std::move(call));
    if (!submitted) {
        co_return submitted.error();
    }
    TaskSummary summary;
    summary.uid = submitted.value().uid;
    summary.enqueued_at = submitted.value().enqueued_at;
    summary.index_uid = uid;
    summary.type = "settingsUpdate";
    co_return accepted(summary);
}

Async<Result<http::Response>> SettingsHandler::change(http::Request request, auth::Grant grant,
                                                      std::string key) {
    const auto type = meili::check_json_content_type(content_type_of(request));
    if (!type) {
        co_return type.error();
    }
    auto settings =
        key.empty() ? meili::parse_settings(request.body) : meili::parse_sub_setting(key, request.body);
    if (!settings) {
        co_return settings.error();
    }
    const auto& uid = request.path_parameter("uid");
    const auto valid = meili::check_index_uid(uid);
    if (!valid) {
        co_return valid.error();
    }
    const auto features = meili::check_features(settings.value(), {});
    if (!features) {
        co_return features.error();
    }
    const auto names = meili::check_reserved_names(settings.value());
    if (!names) {
        co_return names.error();
    }
    auto change = meili::change_json(settings.value());
    auto details = meili::task_details_json(settings.value());
    auto response = co_await submit(uid, std::move(change), std::move(details), grant.may_create_index,
                                    std::move(grant.claim));
    co_return response;
}

Async<Result<http::Response>> SettingsHandler::reset(http::Request request, auth::Grant grant,
                                                     std::string key) {
    const auto& uid = request.path_parameter("uid");
    const auto valid = meili::check_index_uid(uid);
    if (!valid) {
        co_return valid.error();
    }
    const auto settings = key.empty() ? meili::reset_settings() : meili::reset_setting(key);
    auto text = meili::change_json(settings);
    auto details = meili::task_details_json(settings);
    auto response = co_await submit(uid, std::move(text), std::move(details), false, std::move(grant.claim));
    co_return response;
}

}  // namespace miroir::api
