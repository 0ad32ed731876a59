#include <algorithm>

#include "devnode/api.hpp"
#include "devnode/request_checks.hpp"
#include "miroir/meili/error.hpp"
#include "miroir/meili/settings.hpp"

namespace miroir::devnode {

namespace {

// The setting that a path below `settings` names; empty for all of them.
std::string_view setting_of(const http::Request& request) {
    const auto slash = request.path.rfind('/');
    const auto last = std::string_view(request.path).substr(slash + 1);
    const auto routes = meili::settings_routes();
    const auto route = std::find_if(routes.begin(), routes.end(),
                                    [&](const auto& candidate) { return candidate.path == last; });
    return route == routes.end() ? std::string_view() : route->key;
}

Task settings_task(const std::string& uid, const meili::Settings& change, bool creates) {
    Task task;
    task.kind = TaskKind::settings_update;
    task.index_uid = uid;
    task.details = meili::task_details_json(change);
    task.parameters = "{\"creates\":" + std::string(creates ? "true" : "false") +
                      ",\"change\":" + meili::change_json(change) + "}";
    return task;
}

}  // namespace

void Api::add_settings_routes() {
    const std::string base = "/indexes/{uid}/settings";
    add(http::Method::get, base, &Api::get_settings);
    add(http::Method::patch, base, &Api::update_settings);
    add(http::Method::del, base, &Api::reset_settings);
    for (const auto& route : meili::settings_routes()) {
        const auto path = base + "/" + std::string(route.path);
        add(http::Method::get, path, &Api::get_settings);
        add(route.patch ? http::Method::patch : http::Method::put, path, &Api::update_settings);
        add(http::Method::del, path, &Api::reset_settings);
    }
}

Api::Answer Api::get_settings(const http::Request& request) {
    const auto uid = index_uid_of(request);
    if (!uid) {
        return uid.error();
    }
    const auto setting = setting_of(request);
    return engine_.read([&](const Indexes& indexes) -> Answer {
        const Index* index = find_index(indexes, uid.value());
        if (!index) {
            return meili::index_not_found(uid.value());
        }
        const auto& all = index->rules().settings_json;
        return http::json_response(setting.empty() ? meili::shown_settings_json(all)
                                                   : meili::sub_setting_json(all, setting));
    });
}

Api::Answer Api::update_settings(const http::Request& request) {
    const auto uid = index_uid_of(request);
    if (!uid) {
        return uid.error();
    }
    if (auto checked = check_json(request); !checked) {
        return checked.error();
    }
    const auto setting = setting_of(request);
    const auto change = setting.empty() ? meili::parse_settings(request.body)
                                        : meili::parse_sub_setting(setting, request.body);
    if (!change) {
        return change.error();
    }
    if (auto allowed = meili::check_features(change.value(), {}); !allowed) {
        return allowed.error();
    }
    return enqueue(settings_task(uid.value(), change.value(), true));
}

Api::Answer Api::reset_settings(const http::Request& request) {
    const auto uid = index_uid_of(request);
    if (!uid) {
        return uid.error();
    }
    const auto setting = setting_of(request);
    const auto change = setting.empty() ? meili::reset_settings() : meili::reset_setting(setting);
    return enqueue(settings_task(uid.value(), change, false));
}

}  // namespace miroir::devnode
