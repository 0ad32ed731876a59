#include "feature_routes.hpp"

#include "miroir/api/route.hpp"
#include "miroir/meili/body_reader.hpp"
#include "miroir/meili/content_type.hpp"
#include "miroir/meili/error.hpp"

namespace miroir::api {

using http::Method;

namespace {

// How Meilisearch names a feature, and the discussion that it points to.
struct Feature {
    const char* name;
    const char* discussion;
};

constexpr Feature metrics{"metrics", "meilisearch/product/discussions/625"};
constexpr Feature logs{"logs route", "orgs/meilisearch/discussions/721"};
constexpr Feature edition{"edit documents by function", "orgs/meilisearch/discussions/762"};
constexpr Feature network{"network", "orgs/meilisearch/discussions/805"};
constexpr Feature task_documents{"get task documents route", "orgs/meilisearch/discussions/808"};
constexpr Feature chats{"chat completions", "orgs/meilisearch/discussions/835"};
constexpr Feature task_compaction{"task queue compaction route", "orgs/meilisearch/discussions/883"};
constexpr Feature search_rules{"dynamic search rules", "orgs/meilisearch/discussions/884"};
constexpr Feature rendering{"render_route", "orgs/meilisearch/discussions/888"};

struct FeatureRoute {
    Method method;
    const char* path;
    const char* action;   // that the key must allow
    const char* subject;  // what the message begins with
    Feature feature;
    bool json_body = false;
};

constexpr const char* about_logs = "Modifying logs through the `/logs/*` routes";
constexpr const char* about_network = "Using the /network route";
constexpr const char* about_control = "Using the /network/control route";
constexpr const char* about_chat_settings = "using the /chats/settings route";
constexpr const char* about_rules = "Using the `/dynamic-search-rules` routes";

constexpr FeatureRoute feature_routes[] = {
    {Method::get, "/metrics", "metrics.get", "Getting metrics", metrics},
    {Method::post, "/logs/stream", "metrics.get", about_logs, logs, true},
    {Method::del, "/logs/stream", "metrics.get", about_logs, logs},
    {Method::post, "/logs/stderr", "metrics.get", about_logs, logs, true},
    {Method::get, "/network", "network.get", about_network, network},
    {Method::patch, "/network", "network.update", about_network, network, true},
    {Method::post, "/network/control", "network.update", about_control, network, true},
    {Method::get, "/tasks/{taskUid}/documents", "tasks.get", "Getting the documents of an enqueued task",
     task_documents},
    {Method::post, "/tasks/compact", "tasks.compact", "Using the /tasks/compact route", task_compaction},
    {Method::get, "/chats", "chats.get", "listing the chats", chats},
    {Method::get, "/chats/{workspace}", "chats.get", "displaying a chat", chats},
    {Method::del, "/chats/{workspace}", "chats.delete", "deleting a chat", chats},
    {Method::get, "/chats/{workspace}/settings", "chatsSettings.get", about_chat_settings, chats},
    {Method::patch, "/chats/{workspace}/settings", "chatsSettings.update", about_chat_settings, chats, true},
    {Method::del, "/chats/{workspace}/settings", "chatsSettings.update", about_chat_settings, chats},
    {Method::post, "/chats/{workspace}/chat/completions", "chatCompletions",
     "using the /chats chat completions route", chats, true},
    {Method::post, "/dynamic-search-rules", "dynamicSearchRules.get",
     "Calling the `POST /dynamic-search-rules` route", search_rules, true},
    {Method::get, "/dynamic-search-rules/{ruleUid}", "dynamicSearchRules.get",
     "Calling the `GET /dynamic-search-rules/{:ruleUid}` route", search_rules},
    {Method::patch, "/dynamic-search-rules/{ruleUid}", "dynamicSearchRules.update", about_rules, search_rules,
     true},
    {Method::del, "/dynamic-search-rules/{ruleUid}", "dynamicSearchRules.delete", about_rules, search_rules},
    {Method::del, "/dynamic-search-rules", "dynamicSearchRules.delete", about_rules, search_rules},
    {Method::post, "/render-template", "settings.get", "calling the /render-template route", rendering, true},
    {Method::post, "/indexes/{uid}/documents/edit", "documents.*", "Using the documents edit route", edition,
     true},
};

struct UnservedRoute {
    Method method;
    const char* path;
    const char* action;
};

constexpr UnservedRoute unserved_routes[] = {
    {Method::post, "/dumps", "dumps.create"},
    {Method::post, "/snapshots", "snapshots.create"},
    {Method::post, "/export", "export"},
    {Method::get, "/batches", "tasks.get"},
    {Method::get, "/batches/{batchUid}", "tasks.get"},
    {Method::get, "/experimental-features", "experimental.get"},
    {Method::patch, "/experimental-features", "experimental.update"},
    {Method::get, "/webhooks", "webhooks.get"},
    {Method::post, "/webhooks", "webhooks.create"},
    {Method::get, "/webhooks/{webhookUuid}", "webhooks.get"},
    {Method::patch, "/webhooks/{webhookUuid}", "webhooks.update"},
    {Method::del, "/webhooks/{webhookUuid}", "webhooks.delete"},
    {Method::post, "/indexes/{uid}/facet-search", "search"},
    {Method::get, "/indexes/{uid}/similar", "search"},
    {Method::post, "/indexes/{uid}/similar", "search"},
    {Method::post, "/indexes/{uid}/fields", "fields.post"},
};

// What a stock server finds before it looks at the feature.
Result<void> check_json_body(const http::Request& request) {
    const auto type = meili::check_json_content_type(content_type_of(request));
    if (!type) {
        return type.error();
    }
    const auto body = meili::parse_body(request.body);
    if (!body) {
        return body.error();
    }
    return ok();
}

Async<Result<http::Response>> refuse(FeatureRoute route, http::Request request) {
    if (route.json_body) {
        const auto valid = check_json_body(request);
        if (!valid) {
            co_return valid.error();
        }
    }
    co_return meili::error("feature_not_enabled",
                           std::string(route.subject) + " requires enabling the `" + route.feature.name +
                               "` experimental feature. See https://github.com/" + route.feature.discussion);
}

}  // namespace

void add_unserved_routes(http::Router& router, const auth::Authenticator& authenticator) {
    for (const auto& route : feature_routes) {
        router.add(route.method, route.path,
                   granted(authenticator, route.action, [&route](http::Request request, auth::Grant) {
                       return refuse(route, std::move(request));
                   }));
    }
    for (const auto& route : unserved_routes) {
        router.add(route.method, route.path,
                   granted(authenticator, route.action,
                           [](http::Request, auth::Grant) -> Async<Result<http::Response>> {
                               co_return meili::error("miroir_not_supported",
                                                      "miroir does not serve this route.");
                           }));
    }
}

}  // namespace miroir::api
