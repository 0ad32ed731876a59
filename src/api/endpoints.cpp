#include "miroir/api/endpoints.hpp"

#include "feature_routes.hpp"
#include "miroir/meili/settings.hpp"

namespace miroir::api {

using http::Method;

namespace {

using Member = Async<Result<http::Response>>;

// A method of a handler object as a route's function.
template <class H>
GrantedHandler bind(H& handler, Member (H::*method)(http::Request, auth::Grant)) {
    return [&handler, method](http::Request request, auth::Grant grant) {
        return (handler.*method)(std::move(request), std::move(grant));
    };
}

void add_indexes(http::Router& router, const Handlers& h, const auth::Authenticator& auth) {
    router.add(Method::get, "/indexes", granted(auth, "indexes.get", bind(h.indexes, &IndexHandler::list)));
    router.add(Method::post, "/indexes",
               granted_write(auth, "indexes.create", bind(h.indexes, &IndexHandler::create)));
    router.add(Method::get, "/indexes/{uid}",
               granted(auth, "indexes.get", bind(h.indexes, &IndexHandler::get)));
    router.add(Method::patch, "/indexes/{uid}",
               granted_write(auth, "indexes.update", bind(h.indexes, &IndexHandler::update)));
    router.add(Method::del, "/indexes/{uid}",
               granted_write(auth, "indexes.delete", bind(h.indexes, &IndexHandler::remove)));
    router.add(Method::post, "/swap-indexes",
               granted_write(auth, "indexes.swap", bind(h.indexes, &IndexHandler::swap)));
    router.add(Method::post, "/indexes/{uid}/compact",
               granted_write(auth, "indexes.compact", bind(h.indexes, &IndexHandler::compact)));
    router.add(Method::get, "/stats", granted(auth, "stats.get", bind(h.stats, &StatsHandler::of_all)));
    router.add(Method::get, "/indexes/{uid}/stats",
               granted(auth, "stats.get", bind(h.stats, &StatsHandler::of_index)));
}

void add_documents(http::Router& router, const Handlers& h, const auth::Authenticator& auth) {
    const std::string base = "/indexes/{uid}/documents";
    auto& reads = h.documents;
    auto& writes = h.document_writes;
    router.add(Method::get, base, granted(auth, "documents.get", bind(reads, &DocumentHandler::list)));
    router.add(Method::post, base + "/fetch",
               granted(auth, "documents.get", bind(reads, &DocumentHandler::fetch)));
    router.add(Method::get, base + "/{id}",
               granted(auth, "documents.get", bind(reads, &DocumentHandler::get_one)));
    router.add(Method::post, base,
               granted_write(auth, "documents.add", bind(writes, &DocumentWriteHandler::add)));
    router.add(Method::put, base,
               granted_write(auth, "documents.add", bind(writes, &DocumentWriteHandler::update)));
    router.add(Method::del, base,
               granted_write(auth, "documents.delete", bind(writes, &DocumentWriteHandler::delete_all)));
    router.add(Method::del, base + "/{id}",
               granted_write(auth, "documents.delete", bind(writes, &DocumentWriteHandler::delete_one)));
    router.add(Method::post, base + "/delete-batch",
               granted_write(auth, "documents.delete", bind(writes, &DocumentWriteHandler::delete_batch)));
    router.add(
        Method::post, base + "/delete",
        granted_write(auth, "documents.delete", bind(writes, &DocumentWriteHandler::delete_by_filter)));
}

void add_settings(http::Router& router, const Handlers& h, const auth::Authenticator& auth) {
    auto& settings = h.settings;
    const auto add = [&](const std::string& path, const std::string& key, Method write) {
        router.add(Method::get, path,
                   granted(auth, "settings.get", [&settings, key](http::Request request, auth::Grant) {
                       return settings.get(std::move(request), key);
                   }));
        router.add(write, path,
                   granted_write(auth, "settings.update",
                                 [&settings, key](http::Request request, auth::Grant grant) {
                                     return settings.change(std::move(request), std::move(grant), key);
                                 }));
        router.add(Method::del, path,
                   granted_write(auth, "settings.update",
                                 [&settings, key](http::Request request, auth::Grant grant) {
                                     return settings.reset(std::move(request), std::move(grant), key);
                                 }));
    };
    add("/indexes/{uid}/settings", "", Method::patch);
    for (const auto& route : meili::settings_routes()) {
        add("/indexes/{uid}/settings/" + std::string(route.path), std::string(route.key),
            route.patch ? Method::patch : Method::put);
    }
}

void add_search(http::Router& router, const Handlers& h, const auth::Authenticator& auth) {
    router.add(Method::post, "/indexes/{uid}/search",
               granted(auth, "search", bind(h.search, &SearchHandler::post)));
    router.add(Method::get, "/indexes/{uid}/search",
               granted(auth, "search", bind(h.search, &SearchHandler::get)));
    router.add(Method::post, "/multi-search", granted(auth, "search", bind(h.search, &SearchHandler::multi)));
}

void add_tasks(http::Router& router, const Handlers& h, const auth::Authenticator& auth) {
    router.add(Method::get, "/tasks", granted(auth, "tasks.get", bind(h.tasks, &TaskHandler::list)));
    router.add(Method::get, "/tasks/{taskUid}", granted(auth, "tasks.get", bind(h.tasks, &TaskHandler::get)));
    router.add(Method::post, "/tasks/cancel",
               granted(auth, "tasks.cancel", bind(h.tasks, &TaskHandler::cancel)));
    router.add(Method::del, "/tasks", granted(auth, "tasks.delete", bind(h.tasks, &TaskHandler::remove)));
    router.add(Method::get, "/_miroir/tasks/{taskUid}",
               admin_only(auth, bind(h.tasks, &TaskHandler::breakdown)));
}

void add_keys(http::Router& router, const Handlers& h, const auth::Authenticator& auth) {
    auto& keys = h.keys;
    router.add(Method::post, "/keys", granted(auth, "keys.create", bind(keys, &KeyHandler::create)));
    router.add(Method::get, "/keys", granted(auth, "keys.get", bind(keys, &KeyHandler::list)));
    router.add(Method::get, "/keys/{key}", granted(auth, "keys.get", bind(keys, &KeyHandler::get)));
    router.add(Method::patch, "/keys/{key}", granted(auth, "keys.update", bind(keys, &KeyHandler::update)));
    router.add(Method::del, "/keys/{key}", granted(auth, "keys.delete", bind(keys, &KeyHandler::remove)));
}

void add_system(http::Router& router, const Handlers& h, const auth::Authenticator& auth) {
    auto& system = h.system;
    router.add(Method::get, "/",
               [&system](http::Request request) { return system.root(std::move(request)); });
    router.add(Method::get, "/health",
               [&system](http::Request request) { return system.health(std::move(request)); });
    router.add(Method::get, "/_miroir/ready",
               [&system](http::Request request) { return system.ready(std::move(request)); });
    router.add(Method::get, "/version", granted(auth, "version", bind(system, &SystemHandler::version)));
    router.add(Method::get, "/_miroir/topology", admin_only(auth, bind(system, &SystemHandler::topology)));
    router.add(Method::get, "/_miroir/shards", admin_only(auth, bind(system, &SystemHandler::shards)));
}

}  // namespace

http::Router make_router(Handlers handlers, const auth::Authenticator& authenticator) {
    http::Router router;
    add_system(router, handlers, authenticator);
    add_indexes(router, handlers, authenticator);
    add_documents(router, handlers, authenticator);
    add_settings(router, handlers, authenticator);
    add_search(router, handlers, authenticator);
    add_tasks(router, handlers, authenticator);
    add_keys(router, handlers, authenticator);
    add_unserved_routes(router, authenticator);
    return router;
}

}  // namespace miroir::api
