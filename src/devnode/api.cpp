#include "devnode/api.hpp"

#include <algorithm>
#include <array>

#include "devnode/request_checks.hpp"
#include "miroir/base/hash.hpp"
#include "miroir/meili/body_reader.hpp"
#include "miroir/meili/error.hpp"
#include "miroir/meili/index_uid.hpp"
#include "miroir/meili/json_text.hpp"

namespace miroir::devnode {

namespace {

using http::Method;

constexpr std::array<std::string_view, 15> feature_names = {"metrics",
                                                            "logsRoute",
                                                            "editDocumentsByFunction",
                                                            "containsFilter",
                                                            "dynamicSearchRules",
                                                            "network",
                                                            "getTaskDocumentsRoute",
                                                            "taskQueueCompactionRoute",
                                                            "compositeEmbedders",
                                                            "chatCompletions",
                                                            "multimodal",
                                                            "foreignKeys",
                                                            "disableDocumentsFetchQueue",
                                                            "legacySearch",
                                                            "renderRoute"};
constexpr const char* features_name = "experimental_features";

http::Response error_response(const ApiError& error) {
    return http::json_response(meili::to_json(error), error.status);
}

http::Response empty_response(int status) {
    http::Response response;
    response.status = status;
    return response;
}

std::array<bool, feature_names.size()> stored_features(Storage& storage) {
    std::array<bool, feature_names.size()> out{};
    const auto kept = storage.value(features_name).value_or("");
    for (std::size_t i = 0; i < out.size(); ++i) {
        out[i] = i < kept.size() && kept[i] == '1';
    }
    return out;
}

std::string features_json(const std::array<bool, feature_names.size()>& features) {
    std::string out = "{";
    for (std::size_t i = 0; i < features.size(); ++i) {
        out +=
            (i == 0 ? "" : ",") + meili::json_string(feature_names[i]) + (features[i] ? ":true" : ":false");
    }
    return out + "}";
}

}  // namespace

Result<std::string> index_uid_of(const http::Request& request) {
    const auto& uid = request.path_parameter("uid");
    if (auto checked = meili::check_index_uid(uid); !checked) {
        return checked.error();
    }
    return uid;
}

Api::Api(Engine& engine, std::string master_key, runtime::BlockingPool& pool, const Clock& clock)
    : engine_(engine), master_key_(std::move(master_key)), pool_(pool), clock_(clock) {
    add(Method::get, "/", &Api::root, true);
    add(Method::get, "/health", &Api::health, true);
    add(Method::get, "/version", &Api::version);
    add(Method::get, "/stats", &Api::stats);
    add(Method::get, "/experimental-features", &Api::get_features);
    add(Method::patch, "/experimental-features", &Api::patch_features);
    add(Method::get, "/keys", &Api::no_keys);
    add(Method::get, "/webhooks", &Api::no_webhooks);
    add(Method::post, "/multi-search", &Api::multi_search);
    add_index_routes();
    add_document_routes();
    add_settings_routes();
    add_task_routes();
}

void Api::add_index_routes() {
    add(Method::get, "/indexes", &Api::list_indexes);
    add(Method::post, "/indexes", &Api::create_index);
    add(Method::get, "/indexes/{uid}", &Api::get_index);
    add(Method::patch, "/indexes/{uid}", &Api::update_index);
    add(Method::del, "/indexes/{uid}", &Api::delete_index);
    add(Method::get, "/indexes/{uid}/stats", &Api::index_stats);
    add(Method::post, "/indexes/{uid}/compact", &Api::compact_index);
    add(Method::post, "/swap-indexes", &Api::swap_indexes);
    add(Method::post, "/indexes/{uid}/search", &Api::search_post);
    add(Method::get, "/indexes/{uid}/search", &Api::search_get);
}

void Api::add_document_routes() {
    const std::string documents = "/indexes/{uid}/documents";
    add(Method::get, documents, &Api::list_documents);
    add(Method::post, documents, &Api::replace_documents);
    add(Method::put, documents, &Api::update_documents);
    add(Method::del, documents, &Api::delete_documents);
    add(Method::post, documents + "/fetch", &Api::fetch_documents);
    add(Method::post, documents + "/delete", &Api::delete_by_filter);
    add(Method::post, documents + "/delete-batch", &Api::delete_batch);
    add(Method::post, documents + "/edit", &Api::edit_documents);
    add(Method::get, documents + "/{id}", &Api::get_document);
    add(Method::del, documents + "/{id}", &Api::delete_document);
}

void Api::add_task_routes() {
    add(Method::get, "/tasks", &Api::list_tasks);
    add(Method::del, "/tasks", &Api::delete_tasks);
    add(Method::post, "/tasks/cancel", &Api::cancel_tasks);
    add(Method::get, "/tasks/{task}", &Api::get_task);
}

void Api::add(Method method, const std::string& path, Handler handler, bool open) {
    router_.add(method, path, [this, handler, open](http::Request request) {
        return run(handler, open, std::move(request));
    });
}

Async<http::Response> Api::handle(http::Request request) {
    auto match = router_.match(request.method, request.path);
    if (!match.handler) {
        co_return empty_response(match.allow.empty() ? 404 : 405);
    }
    request.path_parameters = std::move(match.path_parameters);
    auto answer = (*match.handler)(std::move(request));
    co_return co_await std::move(answer);
}

Async<http::Response> Api::run(Handler handler, bool open, http::Request request) {
    auto work = [this, handler, open, &request]() -> http::Response {
        if (auto allowed = open ? Result<void>(ok()) : authorise(request); !allowed) {
            return error_response(allowed.error());
        }
        auto answer = (this->*handler)(request);
        return answer ? std::move(answer.value()) : error_response(answer.error());
    };
    auto running = pool_.run(std::move(work));
    co_return co_await std::move(running);
}

Result<void> Api::authorise(const http::Request& request) const {
    if (master_key_.empty()) {
        return ok();
    }
    const auto* header = request.header("authorization");
    const std::string_view value = header ? std::string_view(*header) : std::string_view();
    const auto blank = value.find(' ');
    if (value.substr(0, blank) != "Bearer") {
        return meili::error(
            "missing_authorization_header",
            "The Authorization header is missing. It must use the bearer authorization method.");
    }
    const auto token = blank == std::string_view::npos ? std::string_view() : value.substr(blank + 1);
    if (!equal_constant_time(token, master_key_)) {
        return meili::error("invalid_api_key", "The provided API key is invalid.");
    }
    return ok();
}

http::Response Api::enqueue(Task task, int status) {
    return http::json_response(summary_json(engine_.enqueue(std::move(task))), status);
}

Api::Answer Api::health(const http::Request&) {
    return http::json_response(R"({"status":"available"})");
}

Api::Answer Api::root(const http::Request&) {
    return http::json_response(R"({"status":"Meilisearch is running"})");
}

Api::Answer Api::version(const http::Request&) {
    return http::json_response(R"({"commitSha":"unknown","commitDate":"unknown","pkgVersion":"1.50.0"})");
}

Api::Answer Api::get_features(const http::Request&) {
    return http::json_response(features_json(stored_features(engine_.storage())));
}

Api::Answer Api::patch_features(const http::Request& request) {
    if (auto checked = check_json(request); !checked) {
        return checked.error();
    }
    auto body = meili::parse_body(request.body);
    if (!body) {
        return body.error();
    }
    std::array<std::optional<bool>, feature_names.size()> wanted;
    std::vector<meili::Field> fields;
    for (std::size_t i = 0; i < feature_names.size(); ++i) {
        fields.push_back(meili::field(feature_names[i], "bad_request", wanted[i]));
    }
    if (auto read = meili::read_object(meili::Place{body.value()}, fields); !read) {
        return read.error();
    }
    auto features = stored_features(engine_.storage());
    std::string kept;
    for (std::size_t i = 0; i < features.size(); ++i) {
        features[i] = wanted[i].value_or(features[i]);
        kept += features[i] ? '1' : '0';
    }
    engine_.storage().set_value(features_name, kept);
    return http::json_response(features_json(features));
}

meili::FilterFeatures Api::filter_features() const {
    meili::FilterFeatures out;
    out.contains_filter = stored_features(engine_.storage())[3];
    return out;
}

Api::Answer Api::no_keys(const http::Request&) {
    return http::json_response(R"({"results":[],"offset":0,"limit":20,"total":0})");
}

Api::Answer Api::no_webhooks(const http::Request&) {
    return http::json_response(R"({"results":[]})");
}

}  // namespace miroir::devnode
