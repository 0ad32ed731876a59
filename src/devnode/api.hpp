#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "devnode/engine.hpp"
#include "miroir/base/log.hpp"
#include "miroir/base/result.hpp"
#include "miroir/http/message.hpp"
#include "miroir/http/router.hpp"
#include "miroir/meili/filter.hpp"
#include "miroir/meili/requests.hpp"
#include "miroir/meili/task_filter.hpp"
#include "miroir/runtime/blocking_pool.hpp"

namespace miroir::devnode {

// The HTTP routes of the node. Requests are answered on the threads of `pool`.
class Api {
public:
    Api(Engine& engine, std::string master_key, runtime::BlockingPool& pool, const Clock& clock);

    Async<http::Response> handle(http::Request request);

private:
    using Answer = Result<http::Response>;
    using Handler = Answer (Api::*)(const http::Request&);

    void add(http::Method method, const std::string& path, Handler handler, bool open = false);
    void add_index_routes();
    void add_document_routes();
    void add_settings_routes();
    void add_task_routes();
    Async<http::Response> run(Handler handler, bool open, http::Request request);
    Result<void> authorise(const http::Request& request) const;
    http::Response enqueue(Task task, int status = 202);

    Answer health(const http::Request& request);
    Answer root(const http::Request& request);
    Answer version(const http::Request& request);
    Answer stats(const http::Request& request);
    Answer get_features(const http::Request& request);
    Answer patch_features(const http::Request& request);
    Answer no_keys(const http::Request& request);
    Answer no_webhooks(const http::Request& request);

    Answer list_indexes(const http::Request& request);
    Answer create_index(const http::Request& request);
    Answer get_index(const http::Request& request);
    Answer update_index(const http::Request& request);
    Answer delete_index(const http::Request& request);
    Answer index_stats(const http::Request& request);
    Answer compact_index(const http::Request& request);
    Answer swap_indexes(const http::Request& request);

    Answer list_documents(const http::Request& request);
    Answer fetch_documents(const http::Request& request);
    Answer get_document(const http::Request& request);
    Answer replace_documents(const http::Request& request);
    Answer update_documents(const http::Request& request);
    Answer delete_document(const http::Request& request);
    Answer delete_batch(const http::Request& request);
    Answer delete_by_filter(const http::Request& request);
    Answer delete_documents(const http::Request& request);
    Answer edit_documents(const http::Request& request);
    Answer write_documents(const http::Request& request, bool merge);
    Answer read_documents(const std::string& uid, const meili::DocumentsQuery& query);
    http::Response enqueue_deletion(TaskKind kind, const std::string& uid, std::string details,
                                    std::string parameters, std::optional<std::string> metadata);

    Answer get_settings(const http::Request& request);
    Answer update_settings(const http::Request& request);
    Answer reset_settings(const http::Request& request);

    Answer search_post(const http::Request& request);
    Answer search_get(const http::Request& request);
    Answer multi_search(const http::Request& request);
    Answer search(const http::Request& request, const Result<meili::SearchQuery>& query);
    Result<std::string> search_body(const std::string& uid, const meili::SearchQuery& query, bool metadata,
                                    const std::string& request_uid);

    Answer list_tasks(const http::Request& request);
    Answer get_task(const http::Request& request);
    Answer cancel_tasks(const http::Request& request);
    Answer delete_tasks(const http::Request& request);
    Answer enqueue_about_tasks(TaskKind kind, const meili::TaskFilter& filter, const std::string& query);

    meili::FilterFeatures filter_features() const;

    Engine& engine_;
    std::string master_key_;
    runtime::BlockingPool& pool_;
    const Clock& clock_;
    http::Router router_;
};

// The uid in the path, or invalid_index_uid.
Result<std::string> index_uid_of(const http::Request& request);

}  // namespace miroir::devnode
